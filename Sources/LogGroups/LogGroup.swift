public import AWSCore

/// A log group: streams of log events with the same retention and the same filters.
public struct LogGroup: Codable, Sendable {
    public var name: String
    public var creationTime: Timestamp
    public var retentionInDays: Int?
    public var kmsKeyID: String?
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    public var logGroupClass: String
    public var isProtectedFromDeletion: Bool
    public var tags: [String: String]

    public init(
        name: String, creationTime: Timestamp, kmsKeyID: String? = nil, logGroupClass: String = "STANDARD",
        isProtectedFromDeletion: Bool = false, tags: [String: String] = [:]
    ) {
        self.name = name
        self.creationTime = creationTime
        self.kmsKeyID = kmsKeyID
        self.logGroupClass = logGroupClass
        self.isProtectedFromDeletion = isProtectedFromDeletion
        self.tags = tags
    }

    /// The periods that PutRetentionPolicy takes, in days (CloudWatch Logs API Reference).
    public static let retentionPeriods: Set = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]

    /// Events before this instant are expired; nil when nothing expires.
    public func expiry(at now: Timestamp) -> Timestamp? {
        retentionInDays.map { now.advanced(bySeconds: -Int64($0) * 86_400) }
    }
}

/// Events of one source, in a log group.
public struct LogStream: Codable, Sendable {
    public var name: String
    public var creationTime: Timestamp
    public var firstEventTime: Timestamp?
    public var lastEventTime: Timestamp?
    public var lastIngestionTime: Timestamp?
    public var uploadSequenceToken: String?

    public init(name: String, creationTime: Timestamp) {
        self.name = name
        self.creationTime = creationTime
    }
}

/// An event as it is sent to a log stream.
public struct LogEvent: Sendable, Equatable {
    public var time: Timestamp
    public var message: String

    public init(time: Timestamp, message: String) {
        self.time = time
        self.message = message
    }
}
