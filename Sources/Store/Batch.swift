public import AWSCore

/// What one transaction writes. Of several writes to one thing the last one counts.
public struct Batch: Sendable {
    /// A configured thing: a document under its kind, account, region and name.
    public struct ItemKey: Hashable, Sendable {
        public var kind: String
        public var scope: Scope
        public var name: String

        public init(kind: String, scope: Scope, name: String) {
            self.kind = kind
            self.scope = scope
            self.name = name
        }
    }

    public struct Metric: Sendable {
        public var id: Int64
        public var scope: Scope
        public var namespace: String
        public var name: String
        /// A text that tells the dimensions.
        public var dimensions: String

        public init(id: Int64, scope: Scope, namespace: String, name: String, dimensions: String) {
            self.id = id
            self.scope = scope
            self.namespace = namespace
            self.name = name
            self.dimensions = dimensions
        }
    }

    public struct MinuteKey: Hashable, Sendable {
        public var metric: Int64
        public var minute: Int64
        public var unit: String

        public init(metric: Int64, minute: Int64, unit: String) {
            self.metric = metric
            self.minute = minute
            self.unit = unit
        }
    }

    /// An entry of a journal that is only added to: an alarm's history, or the record of API calls.
    public struct Entry: Sendable {
        public var id: Int64
        public var journal: String
        public var scope: Scope
        /// What it is about: the alarm's name, say.
        public var subject: String
        public var time: Timestamp
        public var body: [UInt8]

        public init(id: Int64, journal: String, scope: Scope, subject: String, time: Timestamp, body: [UInt8]) {
            self.id = id
            self.journal = journal
            self.scope = scope
            self.subject = subject
            self.time = time
            self.body = body
        }
    }

    /// Stored events to be deleted: those of a group, or of one stream of it, that ended before an instant.
    public struct Deletion: Sendable {
        public var scope: Scope
        public var group: String
        public var stream: String?
        public var before: Timestamp?
        /// Only chunks up to this number.
        public var through: Int64?

        public init(
            scope: Scope, group: String, stream: String? = nil, before: Timestamp? = nil, through: Int64? = nil
        ) {
            self.scope = scope
            self.group = group
            self.stream = stream
            self.before = before
            self.through = through
        }
    }

    /// What has grown too old to be kept: entries of a journal, or minutes of metrics.
    public enum Expiry: Sendable {
        case entries(journal: String, before: Timestamp)
        case minutes(before: Int64)
        /// Names of what was sent.
        case files(source: String, before: Timestamp)
    }

    /// A file of a source of events.
    public struct FileKey: Hashable, Sendable {
        /// What the source is called.
        public var source: String
        public var path: String

        public init(source: String, path: String) {
            self.source = source
            self.path = path
        }
    }

    /// How far a file has been taken.
    public struct FilePosition: Hashable, Sendable {
        /// So many of its records are stored.
        public var records: Int
        /// In bytes, as it lay there then.
        public var size: Int64
        /// In milliseconds since 1970.
        public var modified: Int64
        /// Whether that was all of it.
        public var isDone: Bool

        public init(records: Int, size: Int64, modified: Int64, isDone: Bool) {
            self.records = records
            self.size = size
            self.modified = modified
            self.isDone = isDone
        }
    }

    public var files: [FileKey: FilePosition] = [:] { didSet { changes += 1 } }
    /// Nil deletes.
    public var items: [ItemKey: [UInt8]?] = [:] { didSet { changes += 1 } }
    public var metrics: [Metric] = [] { didSet { changes += 1 } }
    /// Nil deletes here too.
    public var minutes: [MinuteKey: [UInt8]?] = [:] { didSet { changes += 1 } }
    public var deletions: [Deletion] = [] { didSet { changes += 1 } }
    public var chunks: [EventChunk] = [] { didSet { changes += 1 } }
    public var entries: [Entry] = [] { didSet { changes += 1 } }
    public var expiries: [Expiry] = [] { didSet { changes += 1 } }

    /// How often it was changed: also when a change took the place of another.
    public private(set) var changes = 0

    public init() {}

    public var isEmpty: Bool { changes == 0 }
}
