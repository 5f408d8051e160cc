public import AWSCore

/// Log events of one stream that were stored together: compressed, one row.
public struct EventChunk: Sendable {
    public var id: Int64
    /// The group's account, region and name.
    public var scope: Scope
    public var group: String
    public var stream: String
    public var first: Timestamp
    public var last: Timestamp
    public var ingestion: Timestamp
    public var count: Int
    /// Of the messages, in bytes, before compression.
    public var messageBytes: Int
    /// How the text is laid out.
    enum Form: Int64 {
        /// Each message behind its time and length.
        case mixed = 1
        /// The times and lengths of all, and then the messages, a line feed behind each: so that they can be indexed
        /// at once.
        case apart = 2
    }
    let form: Form
    /// Of the text, before compression.
    let size: Int
    let data: [UInt8]

    /// Of an event's time and length.
    static let headerSize = 12

    /// - Parameter events: at least one, in order of time.
    public init(
        id: Int64, scope: Scope, group: String, stream: String, ingestion: Timestamp,
        events: [(time: Timestamp, message: String)]
    ) {
        self.id = id
        self.scope = scope
        self.group = group
        self.stream = stream
        self.ingestion = ingestion
        first = events.first?.time ?? ingestion
        last = events.last?.time ?? ingestion
        count = events.count
        messageBytes = events.reduce(0) { $0 + $1.message.utf8.count }
        var text: [UInt8] = []
        text.reserveCapacity(messageBytes + events.count * (Self.headerSize + 1))
        for event in events {
            withUnsafeBytes(of: event.time.milliseconds.littleEndian) { text += $0 }
            withUnsafeBytes(of: UInt32(event.message.utf8.count).littleEndian) { text += $0 }
        }
        for event in events {
            text += event.message.utf8
            text.append(UInt8(ascii: "\n"))
        }
        form = .apart
        size = text.count
        data = Zstd.compress(text)
    }

    /// - Parameter text: of the form `apart`.
    init(
        scope: Scope, group: String, stream: String, ingestion: Timestamp, first: Timestamp, last: Timestamp,
        count: Int,
        messageBytes: Int, text: [UInt8]
    ) {
        self.scope = scope
        self.group = group
        self.stream = stream
        self.ingestion = ingestion
        self.first = first
        self.last = last
        self.count = count
        self.messageBytes = messageBytes
        id = 0
        form = .apart
        size = text.count
        data = Zstd.compress(text)
    }

    init(_ row: SQLite.Row, scope: Scope, group: String) {
        self.scope = scope
        self.group = group
        id = row.integer(0)
        stream = row.text(1)
        first = Timestamp(milliseconds: row.integer(2))
        last = Timestamp(milliseconds: row.integer(3))
        ingestion = Timestamp(milliseconds: row.integer(4))
        count = Int(row.integer(5))
        messageBytes = Int(row.integer(6))
        size = Int(row.integer(7))
        data = row.blob(8)
        form = Form(rawValue: row.integer(9)) ?? .apart
    }
}
