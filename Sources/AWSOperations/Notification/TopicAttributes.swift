internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let getTopicAttributes = read("GetTopicAttributes") { (input, call, state, _) throws(AWSFault) in
        let topic = try input.existingTopic(call, state)
        let subscriptions = state.subscriptions.all(in: call.scope, prefix: topic.name + ":")
        let confirmed = subscriptions.count(where: \.isConfirmed)
        var attributes = topic.attributes
        attributes["TopicArn"] = topic.arn
        attributes["Owner"] = topic.owner
        attributes["DisplayName"] = topic.attributes["DisplayName"] ?? ""
        attributes["Policy"] = topic.attributes["Policy"] ?? topic.defaultPolicy
        attributes["EffectiveDeliveryPolicy"] = topic.effectiveDeliveryPolicy
        if topic.isFIFO {
            attributes["ContentBasedDeduplication"] = topic.attributes["ContentBasedDeduplication"] ?? "false"
            attributes["FifoThroughputScope"] = topic.attributes["FifoThroughputScope"] ?? "Topic"
        }
        attributes["SubscriptionsConfirmed"] = String(confirmed)
        attributes["SubscriptionsPending"] = String(subscriptions.count - confirmed)
        attributes["SubscriptionsDeleted"] = String(topic.deletedSubscriptions)
        return ["Attributes": WireValue(attributes)]
    }

    static let setTopicAttributes = write("SetTopicAttributes") { (input, call, state, _) throws(AWSFault) in
        let name = try input.required("AttributeName")
        let value = try input.string("AttributeValue")
        var topic = try input.existingTopic(call, state)
        try Topic.check(name, value ?? "", prefix: "")
        topic.attributes[name] = value
        state.topics[call.scope, topic.name] = topic
        return nil
    }
}

extension Topic {
    private static let settable: Set<String> = {
        var names: Set = [
            "DeliveryPolicy", "DisplayName", "Policy", "SignatureVersion", "KmsMasterKeyId", "TracingConfig",
            "ContentBasedDeduplication", "FifoTopic", "FifoThroughputScope", "ArchivePolicy", "DataProtectionPolicy",
        ]
        for kind in ["Application", "HTTP", "Lambda", "SQS", "Firehose"] {
            for name in ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"] {
                names.insert(kind + name)
            }
        }
        return names
    }()

    static func check(_ name: String, _ value: String, prefix: String) throws(AWSFault) {
        guard settable.contains(name) else { throw AWSFault.Notification.invalid("AttributeName") }
        switch name {
        case "SignatureVersion":
            guard ["1", "2"].contains(value) else {
                throw AWSFault.Notification.invalid(
                    prefix + "SignatureVersion: Invalid value [\(value)]. Must be 1 or 2.")
            }
        case "Policy", "DeliveryPolicy":
            guard value.isEmpty || JSONWire.parse(value) != nil else {
                throw AWSFault.Notification.invalid(prefix + "\(name): failed to parse JSON.")
            }
        default: break
        }
    }

    /// The policy that a topic has until another one is set. Terraform compares its text.
    var defaultPolicy: String {
        let actions = [
            "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
            "ListSubscriptionsByTopic", "Publish",
        ].map { "\"SNS:\($0)\"" }.joined(separator: ",")
        return "{\"Version\":\"2008-10-17\",\"Id\":\"__default_policy_ID\",\"Statement\":[{\"Sid\":"
            + "\"__default_statement_ID\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":[\(actions)],"
            + "\"Resource\":\"\(arn)\",\"Condition\":{\"StringEquals\":{\"AWS:SourceOwner\":\"\(owner)\"}}}]}"
    }

    fileprivate var effectiveDeliveryPolicy: String {
        let set = attributes["DeliveryPolicy"].flatMap { JSONWire.parse($0) }?["http"]
        let retries = set?["defaultHealthyRetryPolicy"].map { RetryPolicy($0) } ?? RetryPolicy()
        return JSONWire.text([
            "http": [
                "defaultHealthyRetryPolicy": retries.value,
                "disableSubscriptionOverrides": set?["disableSubscriptionOverrides"] ?? false,
                "defaultThrottlePolicy": set?["defaultThrottlePolicy"] ?? .null,
                "defaultRequestPolicy": set?["defaultRequestPolicy"] ?? [
                    "headerContentType": "text/plain; charset=UTF-8"
                ],
            ]
        ])
    }
}
