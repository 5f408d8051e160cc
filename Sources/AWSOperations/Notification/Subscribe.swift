internal import AWSCore
internal import AWSWire
internal import Crypto
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let subscribe = write("Subscribe") { (input, call, state, now) throws(AWSFault) in
        let topic = try input.existingTopic(call, state)
        let protocolName = try input.required("Protocol")
        let endpoint = try input.string("Endpoint") ?? ""
        try Subscription.check(protocolName, endpoint)
        guard !topic.isFIFO else {
            throw AWSFault.Notification.invalid(
                "Invalid parameter: Endpoint Reason: FIFO topics deliver to queues, and this server has none")
        }
        let attributes = try input.map("Attributes")
        for (name, value) in attributes {
            try Subscription.check(name, value, prefix: "Attributes Reason: ", all: attributes)
        }
        let returnsARN = try input.bool("ReturnSubscriptionArn") ?? false
        let present = state.subscriptions.all(in: call.scope, prefix: topic.name + ":").first {
            $0.protocolName == protocolName && $0.endpoint == endpoint
        }
        var subscription: Subscription
        if let present {
            for (name, value) in attributes where present.attributes[name] != value {
                throw AWSFault.Notification.invalid(
                    "Attributes Reason: Subscription already exists with different attributes")
            }
            subscription = present
        } else {
            subscription = Subscription(
                arn: topic.arn + ":" + randomUUID(), topicARN: topic.arn, protocolName: protocolName,
                endpoint: endpoint, owner: call.scope.account, principal: call.caller.arn,
                attributes: attributes.filter { !$0.value.isEmpty }, created: now, token: hex(randomBytes(144)))
            // A chat can't confirm anything; whoever knows the secret in the address of its webhook may post there.
            if subscription.chat != nil { subscription.isConfirmed = true }
            state.subscriptions[call.scope, try subscription.key] = subscription
        }
        if !subscription.isConfirmed { state.sendConfirmation(of: subscription, in: call.scope, at: now) }
        let shown = subscription.isConfirmed || returnsARN ? subscription.arn : "pending confirmation"
        return ["SubscriptionArn": .string(shown)]
    }
}

extension Subscription {
    /// Under which it is kept: `topic:id`.
    var key: String {
        get throws(AWSFault) {
            guard let arn = ARN(arn) else { throw AWSFault.Notification.invalid("SubscriptionArn") }
            return arn.resource
        }
    }

    /// Refuses what is delivered to nowhere, rather than to keep it and do nothing.
    static func check(_ protocolName: String, _ endpoint: String) throws(AWSFault) {
        switch protocolName {
        case "http", "https":
            let address = ChatFormat.split(endpoint).address
            guard address.hasPrefix(protocolName + "://"), address.utf8.count > protocolName.utf8.count + 3 else {
                throw AWSFault.Notification.invalid("Endpoint must match the specified protocol")
            }
        case "email", "email-json":
            let parts = endpoint.split(separator: "@", omittingEmptySubsequences: false)
            let isPlain = endpoint.unicodeScalars.allSatisfy { $0 > " " && $0 != "<" && $0 != ">" && $0 != "\u{7F}" }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isPlain else {
                throw AWSFault.Notification.invalid("Email address")
            }
        case "sqs", "lambda", "firehose", "sms", "application":
            throw AWSFault.Notification.invalid(
                "Protocol: this server delivers to http, https, email and email-json, and not to \(protocolName)")
        default:
            throw AWSFault.Notification.invalid("Amazon SNS does not support this protocol string: \(protocolName)")
        }
    }

    static func check(
        _ name: String, _ value: String, prefix: String, all: [String: String]
    ) throws(AWSFault) {
        func fault(_ what: String) -> AWSFault { AWSFault.Notification.invalid(prefix + what) }
        switch name {
        case "RawMessageDelivery":
            guard ["true", "false"].contains(value.lowercased()) else {
                throw fault("RawMessageDelivery: Invalid value [\(value)]. Must be true or false.")
            }
        case Subscription.formatAttribute:
            let formats = ChatFormat.allCases.map(\.rawValue)
            guard value.isEmpty || formats.contains(value) else {
                throw fault("\(name): Invalid value [\(value)]. Must be \(formats.joined(separator: " or ")).")
            }
        case Subscription.evidenceAttribute, Subscription.foldingAttribute:
            guard ["true", "false"].contains(value) else {
                throw fault("\(name): Invalid value [\(value)]. Must be true or false.")
            }
        case "FilterPolicyScope":
            guard FilterPolicy.Scope(rawValue: value) != nil else {
                throw fault(
                    "FilterPolicyScope: Invalid value [\(value)]. Please use either MessageBody or MessageAttributes")
            }
        case "FilterPolicy":
            guard !value.isEmpty else { return }
            let scope = all["FilterPolicyScope"].flatMap(FilterPolicy.Scope.init) ?? .attributes
            do throws(FilterPolicy.Fault) {
                _ = try FilterPolicy(value, scope: scope)
            } catch {
                throw error.isAboutScope ? AWSFault.Notification.invalid(error.message) : fault(error.message)
            }
        case "DeliveryPolicy":
            guard value.isEmpty || JSONWire.parse(value) != nil else {
                throw fault("DeliveryPolicy: failed to parse JSON.")
            }
        case "RedrivePolicy":
            guard !value.isEmpty else { return }
            guard case .string(let target)? = JSONWire.parse(value)?["deadLetterTargetArn"], ARN(target) != nil else {
                throw fault("RedrivePolicy: deadLetterTargetArn is an invalid arn")
            }
            throw fault("RedrivePolicy: this server delivers to no dead-letter queue")
        case "SubscriptionRoleArn": break
        default: throw AWSFault.Notification.invalid("AttributeName")
        }
    }
}
