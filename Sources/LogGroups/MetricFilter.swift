public import AWSCore

/// What a metric filter publishes for each event that its pattern matches.
public struct MetricTransformation: Codable, Sendable, Equatable {
    public var metricName: String
    public var metricNamespace: String
    /// A number, or the selector of one in the event.
    public var metricValue: String
    /// Published for a minute with events of which none matches.
    public var defaultValue: Double?
    public var unit: String?
    /// For each dimension the selector of its value.
    public var dimensions: [String: String]

    public init(
        metricName: String, metricNamespace: String, metricValue: String, defaultValue: Double? = nil,
        unit: String? = nil, dimensions: [String: String] = [:]
    ) {
        self.metricName = metricName
        self.metricNamespace = metricNamespace
        self.metricValue = metricValue
        self.defaultValue = defaultValue
        self.unit = unit
        self.dimensions = dimensions
    }
}

/// A filter pattern on a log group, with what to publish when it matches.
public struct MetricFilter: Codable, Sendable {
    public var name: String
    /// As it was given, blanks and all.
    public var pattern: String
    public var transformation: MetricTransformation
    public var creationTime: Timestamp

    public init(name: String, pattern: String, transformation: MetricTransformation, creationTime: Timestamp) {
        self.name = name
        self.pattern = pattern
        self.transformation = transformation
        self.creationTime = creationTime
    }

    /// The most a log group may have (CloudWatch Logs quotas).
    public static let mostPerGroup = 100
}
