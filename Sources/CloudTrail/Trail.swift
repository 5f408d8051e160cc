public import AWSCore

/// A trail: which events CloudTrail records, and where it delivers them.
public struct Trail: Codable, Sendable {
    public var name: String
    public var arn: String
    public var homeRegion: String
    public var s3BucketName: String
    public var s3KeyPrefix: String?
    public var snsTopicName: String?
    public var cloudWatchLogsLogGroupARN: String?
    public var cloudWatchLogsRoleARN: String?
    public var kmsKeyID: String?
    public var includesGlobalServiceEvents = true
    public var isMultiRegion = false
    public var isOrganizationTrail = false
    public var validatesLogFiles = false
    public var isLogging = false
    public var startedLogging: Timestamp?
    public var stoppedLogging: Timestamp?
    public var latestDelivery: Timestamp?
    public var latestDeliveryError: String?
    /// JSON texts, as they were put.
    public var eventSelectors: String?
    public var advancedEventSelectors: String?
    public var insightSelectors: String?
    public var tags: [String: String] = [:]

    public init(name: String, arn: String, homeRegion: String, s3BucketName: String) {
        self.name = name
        self.arn = arn
        self.homeRegion = homeRegion
        self.s3BucketName = s3BucketName
    }

    /// Whether it records an event of `region`.
    public func covers(region: String) -> Bool { isLogging && (isMultiRegion || homeRegion == region) }
}
