internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let getSubscriptionAttributes = read("GetSubscriptionAttributes") {
        (input, call, state, _) throws(AWSFault) in
        let (scope, key) = try input.subscriptionKey()
        guard let subscription = state.subscriptions[scope, key] else { throw AWSFault.Notification.noSubscription }
        var attributes = subscription.attributes
        attributes["SubscriptionArn"] = subscription.arn
        attributes["TopicArn"] = subscription.topicARN
        attributes["Protocol"] = subscription.protocolName
        attributes["Endpoint"] = subscription.endpoint
        attributes["Owner"] = subscription.owner
        attributes["SubscriptionPrincipal"] = subscription.principal
        attributes["RawMessageDelivery"] = String(subscription.isRaw)
        attributes["PendingConfirmation"] = String(!subscription.isConfirmed)
        attributes["ConfirmationWasAuthenticated"] = String(subscription.wasConfirmedAuthenticated)
        if attributes["FilterPolicy"] != nil {
            attributes["FilterPolicyScope"] = attributes["FilterPolicyScope"] ?? "MessageAttributes"
        }
        if let policy = subscription.attributes["DeliveryPolicy"].flatMap({ JSONWire.parse($0) }) {
            let retries = policy["healthyRetryPolicy"].map { RetryPolicy($0) } ?? RetryPolicy()
            attributes["EffectiveDeliveryPolicy"] = JSONWire.text([
                "healthyRetryPolicy": retries.value, "throttlePolicy": policy["throttlePolicy"] ?? .null,
                "requestPolicy": policy["requestPolicy"] ?? ["headerContentType": "text/plain; charset=UTF-8"],
                "guaranteed": false,
            ])
        }
        return ["Attributes": WireValue(attributes)]
    }

    static let setSubscriptionAttributes = write("SetSubscriptionAttributes") {
        (input, call, state, _) throws(AWSFault) in
        let (scope, key) = try input.subscriptionKey()
        let name = try input.required("AttributeName")
        let value = try input.string("AttributeValue") ?? ""
        guard var subscription = state.subscriptions[scope, key] else { throw AWSFault.Notification.noSubscription }
        var all = subscription.attributes
        all[name] = value
        try Subscription.check(name, value, prefix: "", all: all)
        subscription.attributes[name] = value.isEmpty ? nil : value
        state.subscriptions[scope, key] = subscription
        return nil
    }
}
