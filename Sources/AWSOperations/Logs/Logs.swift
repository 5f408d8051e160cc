public import AWSWire

extension Service where Context == Call {
    /// CloudWatch Logs.
    public static let logs = Service(
        signingName: "logs", eventSource: "logs.amazonaws.com", targetPrefix: "Logs_20140328",
        invalid: { AWSFault.Logs.invalid($0) },
        operations: [
            .createLogGroup, .deleteLogGroup, .describeLogGroups, .putRetentionPolicy, .deleteRetentionPolicy,
            .putLogGroupDeletionProtection, .createLogStream, .deleteLogStream, .describeLogStreams, .putLogEvents,
            .getLogEvents, .filterLogEvents, .putMetricFilter, .describeMetricFilters, .deleteMetricFilter,
            .testMetricFilter, .tagLogsResource, .untagLogsResource, .listTagsForLogsResource, .tagLogGroup,
            .untagLogGroup, .listTagsLogGroup, .putResourcePolicy, .describeResourcePolicies, .deleteResourcePolicy,
            .putSubscriptionFilter, .describeSubscriptionFilters, .deleteSubscriptionFilter,
        ])
}
