internal import AWSCore
internal import AWSWire
internal import Crypto
internal import Notifications
internal import WireValues

/// An API call as CloudTrail records it (CloudTrail User Guide, "CloudTrail record contents").
struct EventRecord {
    let call: Call
    let operation: String
    let isReadOnly: Bool
    let input: WireValue
    let time: Timestamp

    func value(output: WireValue?, _ fault: AWSFault?) -> WireValue {
        let parameters = Self.lowered(Self.withoutSecrets(input))
        let response = isReadOnly || fault != nil ? nil : output.map(Self.lowered)
        let caller = call.caller
        var members: [WireMember] = []
        func add(_ name: String, _ value: WireValue) { members.append(WireMember(name, value)) }
        add("eventVersion", "1.11")
        add("userIdentity", identity)
        add("eventTime", .string(Self.seconds(time)))
        add("eventSource", .string(call.eventSource))
        add("eventName", .string(operation))
        add("awsRegion", .string(call.scope.region))
        add("sourceIPAddress", .string(call.sourceAddress))
        add("userAgent", .string(call.userAgent))
        add("errorCode", WireValue(fault?.queryCode))
        add("errorMessage", WireValue(fault?.message))
        add("requestParameters", parameters.members.isEmpty ? .null : parameters)
        add("responseElements", response.map { $0.members.isEmpty ? .null : $0 } ?? .null)
        add("requestID", .string(call.requestID))
        add("eventID", .string(randomUUID()))
        add("readOnly", .bool(isReadOnly))
        add("eventType", "AwsApiCall")
        add("managementEvent", true)
        add("recipientAccountId", .string(caller.account))
        add("eventCategory", "Management")
        return .structure(members)
    }

    private var identity: WireValue {
        let caller = call.caller
        let isRoot = caller.arn.hasSuffix(":root")
        return [
            "type": isRoot ? "Root" : caller.isSigned ? "IAMUser" : "Unknown",
            "principalId": .string(isRoot ? caller.account : caller.accessKeyID),
            "arn": .string(caller.arn), "accountId": .string(caller.account),
            "accessKeyId": caller.isSigned ? .string(caller.accessKeyID) : .null,
            "userName": WireValue(isRoot ? nil : caller.userName),
        ]
    }

    /// Records spell members with a small first letter.
    /// Whoever reads the record of a call need not be one who may post to the chat that was subscribed.
    private static func withoutSecrets(_ input: WireValue) -> WireValue {
        guard let endpoint = input.text("Endpoint"),
            ChatFormat.split(endpoint).format != nil || input["Attributes"]?[Subscription.formatAttribute] != nil
        else { return input }
        return .structure(
            input.members.map { $0.name == "Endpoint" ? WireMember($0.name, "HIDDEN_DUE_TO_SECURITY_REASONS") : $0 })
    }

    private static func lowered(_ value: WireValue) -> WireValue {
        switch value {
        case .structure(let members):
            .structure(
                members.map { WireMember($0.name.prefix(1).lowercased() + $0.name.dropFirst(), lowered($0.value)) })
        case .list(let elements): .list(elements.map(lowered))
        case .timestamp(let time): .string(seconds(time))
        default: value
        }
    }

    /// Times of records have no fractions.
    private static func seconds(_ time: Timestamp) -> String { Timestamp(seconds: time.seconds).description }
}
