internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let listSubscriptions = read("ListSubscriptions") { (input, call, state, _) throws(AWSFault) in
        try list(state.subscriptions.all(in: call.scope), input)
    }

    static let listSubscriptionsByTopic = read("ListSubscriptionsByTopic") { (input, call, state, _) throws(AWSFault) in
        let topic = try input.existingTopic(call, state)
        return try list(state.subscriptions.all(in: call.scope, prefix: topic.name + ":"), input)
    }
}

private func list(_ subscriptions: [Subscription], _ input: WireReader) throws(AWSFault) -> WireValue {
    let page = try Page(
        subscriptions, name: \.arn, token: try input.string("NextToken"), limit: 100,
        invalid: AWSFault.Notification.invalid("NextToken"))
    let items = page.elements.map { subscription -> WireValue in
        [
            "SubscriptionArn": .string(subscription.isConfirmed ? subscription.arn : "PendingConfirmation"),
            "Owner": .string(subscription.owner), "Protocol": .string(subscription.protocolName),
            "Endpoint": .string(subscription.endpoint), "TopicArn": .string(subscription.topicARN),
        ]
    }
    return ["Subscriptions": .list(items), "NextToken": WireValue(page.nextToken)]
}
