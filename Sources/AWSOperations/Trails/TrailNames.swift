internal import AWSCore
internal import AWSWire
internal import CloudTrail
internal import LogGroups
internal import Notifications
internal import Pipeline
internal import WireValues

extension WireReader {
    /// The trail that a member names, by its name or its ARN, with the scope it lives in.
    ///
    /// - Parameter tellsARN: whether a trail that is not there is told by its ARN. All but GetTrail do.
    func trail(
        _ member: String, _ call: Call, _ state: PipelineState, tellsARN: Bool = true
    ) throws(AWSFault) -> (scope: Scope, trail: Trail) {
        let text = try required(member)
        if let found = state.trail(text, call) { return found }
        if !text.hasPrefix("arn:") { try Trail.check(text) }
        let told = tellsARN && !text.hasPrefix("arn:") ? call.scope.arn("cloudtrail", "trail/" + text) : text
        throw AWSFault.Trails.noTrail(told, call.scope.account)
    }
}

extension PipelineState {
    /// A trail of the caller's region, or a multi-region trail of any other, by name or ARN.
    func trail(_ name: String, _ call: Call) -> (scope: Scope, trail: Trail)? {
        if let arn = ARN(name) {
            let scope = Scope(account: arn.account, region: arn.region)
            guard arn.account == call.scope.account, arn.resource.hasPrefix("trail/"),
                let trail = trails[scope, String(arn.resource.dropFirst("trail/".count))]
            else { return nil }
            return (scope, trail)
        }
        if let trail = trails[call.scope, name] { return (call.scope, trail) }
        return visibleTrails(call).first { $0.trail.name == name }
    }

    /// The trails of the caller's region, and the multi-region trails of all others.
    func visibleTrails(_ call: Call) -> [(scope: Scope, trail: Trail)] {
        var found: [(scope: Scope, trail: Trail)] = []
        trails.forEach { scope, _, trail in
            guard scope.account == call.scope.account, scope.region == call.scope.region || trail.isMultiRegion else {
                return
            }
            found.append((scope, trail))
        }
        return found.sorted { $0.trail.name < $1.trail.name }
    }
}

extension Trail {
    static func check(_ name: String) throws(AWSFault) {
        guard name.utf8.count >= 3 else {
            throw AWSFault.Trails.badName(
                "Trail name too short. Minimum allowed length: 3 characters. Specified name length: "
                    + "\(name.utf8.count) characters.")
        }
        guard name.utf8.count <= 128 else {
            throw AWSFault.Trails.badName(
                "Trail name too long. Maximum allowed length: 128 characters. Specified name length: "
                    + "\(name.utf8.count) characters.")
        }
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        guard let first = name.unicodeScalars.first, isPlain(first) else {
            throw AWSFault.Trails.badName("Trail name must starts with a letter or number.")
        }
        guard let last = name.unicodeScalars.last, isPlain(last) else {
            throw AWSFault.Trails.badName("Trail name must ends with a letter or number.")
        }
        guard name.unicodeScalars.allSatisfy({ isPlain($0) || "._-".unicodeScalars.contains($0) }) else {
            throw AWSFault.Trails.badName(
                "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens "
                    + "(-), and underscores (_).")
        }
    }

    var value: WireValue {
        .structure(
            settings + [
                WireMember("HomeRegion", .string(homeRegion)),
                WireMember("HasCustomEventSelectors", .bool(hasCustomEventSelectors)),
                WireMember("HasInsightSelectors", .bool(insightSelectors != nil)),
            ])
    }

    /// Whether it records anything else than a trail that was given no selectors: all management events.
    private var hasCustomEventSelectors: Bool {
        if advancedEventSelectors != nil { return true }
        guard let eventSelectors, case .list(let selectors)? = JSONWire.parse(eventSelectors) else { return false }
        return selectors.contains { selector in
            let isNarrow = selector["ReadWriteType"].map { $0 != "All" } ?? false
            let excludes = selector["IncludeManagementEvents"] == .bool(false)
            func isFilled(_ name: String) -> Bool { selector[name].map { $0 != .list([]) } ?? false }
            return isNarrow || excludes || isFilled("DataResources") || isFilled("ExcludeManagementEventSources")
        } || selectors.count > 1
    }

    /// The topic may be named by its ARN, or by its name in the trail's own region.
    private var snsTopicARN: String? {
        guard let snsTopicName else { return nil }
        if ARN(snsTopicName) != nil { return snsTopicName }
        let home = ARN(arn).map { Scope(account: $0.account, region: $0.region) }
        return home?.arn("sns", snsTopicName)
    }

    /// What CreateTrail and UpdateTrail answer.
    var settings: [WireMember] {
        [
            WireMember("Name", .string(name)), WireMember("S3BucketName", .string(s3BucketName)),
            WireMember("S3KeyPrefix", WireValue(s3KeyPrefix)), WireMember("SnsTopicName", WireValue(snsTopicName)),
            WireMember("SnsTopicARN", WireValue(snsTopicARN)),
            WireMember("IncludeGlobalServiceEvents", .bool(includesGlobalServiceEvents)),
            WireMember("IsMultiRegionTrail", .bool(isMultiRegion)), WireMember("TrailARN", .string(arn)),
            WireMember("LogFileValidationEnabled", .bool(validatesLogFiles)),
            WireMember("CloudWatchLogsLogGroupArn", WireValue(cloudWatchLogsLogGroupARN)),
            WireMember("CloudWatchLogsRoleArn", WireValue(cloudWatchLogsRoleARN)),
            WireMember("KmsKeyId", WireValue(kmsKeyID)), WireMember("IsOrganizationTrail", .bool(isOrganizationTrail)),
        ]
    }

    /// Takes over what an input says; what it leaves out stays.
    mutating func update(_ input: WireReader, _ state: PipelineState) throws(AWSFault) {
        if let bucket = try input.string("S3BucketName") { s3BucketName = bucket }
        if let prefix = try input.string("S3KeyPrefix") { s3KeyPrefix = prefix.isEmpty ? nil : prefix }
        if let topic = try input.string("SnsTopicName") {
            snsTopicName = topic.isEmpty ? nil : topic
            if let arn = snsTopicARN.flatMap({ ARN($0) }),
                state.topics[Scope(account: arn.account, region: arn.region), arn.resource] == nil
            {
                throw AWSFault(
                    "InsufficientSnsTopicPolicyException",
                    "SNS Topic does not exist or the topic policy is incorrect!")
            }
        }
        if let group = try input.string("CloudWatchLogsLogGroupArn") {
            cloudWatchLogsLogGroupARN = group.isEmpty ? nil : group
        }
        if let role = try input.string("CloudWatchLogsRoleArn") { cloudWatchLogsRoleARN = role.isEmpty ? nil : role }
        if let key = try input.string("KmsKeyId") { kmsKeyID = key.isEmpty ? nil : key }
        if let value = try input.bool("IncludeGlobalServiceEvents") { includesGlobalServiceEvents = value }
        if let value = try input.bool("IsMultiRegionTrail") { isMultiRegion = value }
        if let value = try input.bool("IsOrganizationTrail") { isOrganizationTrail = value }
        if let value = try input.bool("EnableLogFileValidation") { validatesLogFiles = value }
        if isMultiRegion, !includesGlobalServiceEvents {
            throw AWSFault.Trails.parameter("Multi-Region trail must include global service events.")
        }
        guard let text = cloudWatchLogsLogGroupARN, input.has("CloudWatchLogsLogGroupArn") else { return }
        guard let arn = ARN(text), arn.service == "logs", arn.resource.hasPrefix("log-group:") else {
            throw AWSFault(
                "InvalidCloudWatchLogsLogGroupArnException", "The log group ARN \(text) is not valid.")
        }
        let scope = Scope(account: arn.account, region: arn.region)
        guard state.logGroups[scope, WireReader.groupName(text)] != nil else {
            throw AWSFault(
                "InvalidCloudWatchLogsLogGroupArnException",
                "You must specify a log group that exists: there is no \(WireReader.groupName(text)).")
        }
    }
}
