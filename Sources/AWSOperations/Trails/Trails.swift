public import AWSWire

extension Service where Context == Call {
    /// CloudTrail.
    public static let trails = Service(
        signingName: "cloudtrail", eventSource: "cloudtrail.amazonaws.com",
        targetPrefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
        invalid: { AWSFault("ValidationException", $0) },
        operations: [
            .createTrail, .updateTrail, .deleteTrail, .describeTrails, .getTrail, .listTrails, .getTrailStatus,
            .startLogging, .stopLogging, .putEventSelectors, .getEventSelectors, .putInsightSelectors,
            .getInsightSelectors, .lookupEvents, .addTags, .removeTags, .listTags,
        ])
}
