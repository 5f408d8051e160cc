internal import AWSCore
internal import FilterPattern
internal import WireValues

/// A trail with what is wrong about it.
struct TrailState {
    let arn: String
    let name: String
    let region: String
    let account: String
    let logGroupARN: ARN?
    /// What of it breaks the chain for every control.
    private(set) var findings: [Finding] = []
    /// The management events that its selectors let through; nil lets all through.
    private(set) var selection: FilterPattern?
    /// The input of `PutEventSelectors` that lets all management events through and keeps the rest as it is; nil when
    /// they come through already.
    private(set) var openSelectors: WireValue?
    let isMultiRegion: Bool
    /// Nil when it could not be read.
    private(set) var isLogging: Bool?

    let logGroup: String?

    /// The name of the log group that a trail delivers to.
    static func logGroup(_ trail: WireValue) -> String? {
        guard let resource = trail.text("CloudWatchLogsLogGroupArn").flatMap({ ARN($0) })?.resource,
            resource.hasPrefix("log-group:")
        else { return nil }
        return String(resource.dropFirst("log-group:".count).prefix { $0 != ":" })
    }

    /// Whether nothing known breaks it.
    var isSound: Bool { findings.allSatisfy { $0.isUnknown || $0.isMild } }
    var isUncertain: Bool { findings.contains(where: \.isUnknown) }

    init(_ trail: WireValue, _ reader: some AccountReader, account: String) {
        name = trail.text("Name") ?? ""
        arn = trail.text("TrailARN") ?? name
        let parts = ARN(arn)
        region = trail.text("HomeRegion") ?? parts?.region ?? ""
        self.account = parts?.account ?? account
        logGroup = Self.logGroup(trail)
        logGroupARN = trail.text("CloudWatchLogsLogGroupArn").flatMap { ARN($0) }

        isMultiRegion = trail.flag("IsMultiRegionTrail") == true
        if !isMultiRegion {
            findings.append(Finding(.trail, arn, "it records one region only: events of the others are not seen"))
        }
        readStatus(reader)
        readSelectors(reader)
        if let logGroupARN {
            if logGroupARN.account != account {
                findings.append(
                    Finding(
                        .logGroup, logGroupARN.resource,
                        "it lives in account \(logGroupARN.account), which is not visible from here", isUnknown: true))
            } else if logGroupARN.region != region {
                findings.append(Finding(.logGroup, logGroupARN.resource, "it lies in another region than the trail"))
            }
        } else {
            findings.append(Finding(.delivery, arn, "it delivers to no log group"))
        }
    }

    private mutating func readStatus(_ reader: some AccountReader) {
        do throws(ReadFailure) {
            let status = try reader.call("cloudtrail", "GetTrailStatus", ["Name": .string(arn)], region: region)
            isLogging = status.flag("IsLogging") == true
            if isLogging == false { findings.append(Finding(.logging, arn, "it is not logging")) }
            if let error = status.text("LatestCloudWatchLogsDeliveryError") {
                findings.append(
                    Finding(.delivery, arn, "it logs, but its delivery to the log group fails: \(error)"))
            }
        } catch {
            findings.append(Finding(.logging, arn, error))
        }
    }

    // MARK: Selectors

    private mutating func readSelectors(_ reader: some AccountReader) {
        do throws(ReadFailure) {
            let answer = try reader.call(
                "cloudtrail", "GetEventSelectors", ["TrailName": .string(arn)], region: region)
            let advanced = answer.items("AdvancedEventSelectors")
            let basic = answer.items("EventSelectors")
            // A trail without any records all management events.
            guard !advanced.isEmpty || !basic.isEmpty else { return }
            let alternatives = advanced.isEmpty ? basic.compactMap(Self.basic) : advanced.compactMap(Self.advanced)
            if alternatives.contains(where: \.isEmpty) { return }
            openSelectors = opened(basic, advanced)
            if alternatives.isEmpty {
                findings.append(Finding(.selectors, arn, "its selectors let no management event through"))
            } else {
                let parts = alternatives.map { $0.count == 1 ? $0[0] : Formula.all($0) }
                selection = .json(parts.count == 1 ? parts[0] : .any(parts))
            }
        } catch {
            findings.append(Finding(.selectors, arn, error))
        }
    }

    private func opened(_ basic: [WireValue], _ advanced: [WireValue]) -> WireValue {
        if !advanced.isEmpty {
            let others = advanced.filter { Self.advanced($0) == nil }
            let all: WireValue = [
                "Name": "All management events",
                "FieldSelectors": [["Field": "eventCategory", "Equals": ["Management"]]],
            ]
            return ["TrailName": .string(arn), "AdvancedEventSelectors": .list(others + [all])]
        }
        // A selector may be about data as well.
        let others = basic.filter { !$0.items("DataResources").isEmpty }.map { selector in
            WireValue.structure(
                selector.members.filter {
                    $0.name != "IncludeManagementEvents" && $0.name != "ExcludeManagementEventSources"
                } + [WireMember("IncludeManagementEvents", false)])
        }
        let all: WireValue = ["ReadWriteType": "All", "IncludeManagementEvents": true]
        return ["TrailName": .string(arn), "EventSelectors": .list(others + [all])]
    }

    /// The conditions of a basic selector; nil when it lets no management event through.
    private static func basic(_ selector: WireValue) -> [Formula<Condition>]? {
        guard selector.flag("IncludeManagementEvents") != false else { return nil }
        var conditions: [Formula<Condition>] = []
        switch selector.text("ReadWriteType") {
        case "WriteOnly": conditions.append(readOnly(false))
        case "ReadOnly": conditions.append(readOnly(true))
        default: break
        }
        for source in selector.texts("ExcludeManagementEventSources") {
            conditions.append(.leaf(Condition(Selector("eventSource"), .notEquals(.text(TextLiteral(source))))))
        }
        return conditions
    }

    /// The same of an advanced selector (CloudTrail API Reference, `AdvancedFieldSelector`).
    private static func advanced(_ selector: WireValue) -> [Formula<Condition>]? {
        let fields = selector.items("FieldSelectors")
        guard
            fields.contains(where: {
                $0.text("Field") == "eventCategory" && $0.texts("Equals").contains("Management")
            })
        else { return nil }
        var conditions: [Formula<Condition>] = []
        for field in fields {
            guard let name = field.text("Field"), name != "eventCategory" else { continue }
            if name == "readOnly" {
                let wanted = field.texts("Equals") + field.texts("NotEquals").map { $0 == "true" ? "false" : "true" }
                conditions.append(readOnly(wanted.contains("true")))
                continue
            }
            let path = Selector(name.split(separator: ".").map { .key(String($0)) })
            func tests(_ operation: String, _ form: (String) -> String, _ test: (Literal) -> ValueTest) -> [Formula<
                Condition
            >] {
                field.texts(operation).map { .leaf(Condition(path, test(.text(TextLiteral(form($0)))))) }
            }
            // Of several values one must hold, of several exclusions all.
            let wanted =
                tests("Equals", { $0 }, ValueTest.equals) + tests("StartsWith", { $0 + "*" }, ValueTest.equals)
                + tests("EndsWith", { "*" + $0 }, ValueTest.equals)
            if !wanted.isEmpty { conditions.append(wanted.count == 1 ? wanted[0] : .any(wanted)) }
            conditions +=
                tests("NotEquals", { $0 }, ValueTest.notEquals)
                + tests("NotStartsWith", { $0 + "*" }, ValueTest.notEquals)
                + tests("NotEndsWith", { "*" + $0 }, ValueTest.notEquals)
        }
        return conditions
    }

    /// Old events do not say; those count as writes.
    private static func readOnly(_ isWanted: Bool) -> Formula<Condition> {
        let readOnly = Selector("readOnly")
        return isWanted
            ? .leaf(Condition(readOnly, .isTrue))
            : .any([.leaf(Condition(readOnly, .isFalse)), .leaf(Condition(readOnly, .notExists))])
    }
}
