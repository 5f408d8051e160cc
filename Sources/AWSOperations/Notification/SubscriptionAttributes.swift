internal import AWSCore
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
        // A scope of no policy is not shown.
        let policyScope = attributes["FilterPolicyScope"] ?? "MessageAttributes"
        attributes["FilterPolicyScope"] = attributes["FilterPolicy"] == nil ? nil : policyScope
        if subscription.protocolName.hasPrefix("http"), let topic = state.topics[scope, subscription.topicName] {
            attributes["EffectiveDeliveryPolicy"] = subscription.effectiveDeliveryPolicy(topic)
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
        // A chat was confirmed as one, and does not become an endpoint that has agreed to nothing.
        if name == Subscription.formatAttribute, value.isEmpty, subscription.chat != nil {
            throw AWSFault.Notification.invalid("\(name): a chat stays one; unsubscribe it")
        }
        subscription.attributes[name] = value.isEmpty ? nil : value
        state.subscriptions[scope, key] = subscription
        return nil
    }
}

extension Subscription {
    fileprivate var topicName: String { ARN(topicARN)?.resource ?? "" }

    fileprivate func effectiveDeliveryPolicy(_ topic: Topic) -> String {
        let policy = DeliveryPolicy(of: self, topic)
        return JSONWire.text([
            "healthyRetryPolicy": policy.retries.value, "throttlePolicy": policy.throttle ?? .null,
            "requestPolicy": policy.request ?? ["headerContentType": "text/plain; charset=UTF-8"],
            "guaranteed": false,
        ])
    }
}
