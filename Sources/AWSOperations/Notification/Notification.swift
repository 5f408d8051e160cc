public import AWSWire

extension Service where Context == Call {
    /// SNS.
    public static let notification = Service(
        signingName: "sns", eventSource: "sns.amazonaws.com", queryVersion: "2010-03-31",
        namespace: "http://sns.amazonaws.com/doc/2010-03-31/", invalid: { AWSFault.Notification.validation($0) },
        operations: [
            .createTopic, .deleteTopic, .listTopics, .getTopicAttributes, .setTopicAttributes, .subscribe,
            .confirmSubscription, .unsubscribe, .listSubscriptions, .listSubscriptionsByTopic,
            .getSubscriptionAttributes, .setSubscriptionAttributes, .publish, .publishBatch, .addPermission,
            .removePermission, .tagTopic, .untagTopic, .listTagsOfTopic,
        ])
}
