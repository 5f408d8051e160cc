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
    /// Of the text, before compression.
    var size: Int
    var data: [UInt8]

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
        text.reserveCapacity(messageBytes + events.count * 12)
        for event in events {
            withUnsafeBytes(of: event.time.milliseconds.littleEndian) { text += $0 }
            withUnsafeBytes(of: UInt32(event.message.utf8.count).littleEndian) { text += $0 }
            text += event.message.utf8
        }
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
    }

    /// Calls `body` with the time and the message of each event, in their order.
    public func forEach(_ body: (Int, Timestamp, UnsafeRawBufferPointer) -> Void) {
        guard let text = data.withUnsafeBytes({ Zstd.decompress($0, size: size) }) else { return }
        text.withUnsafeBytes { text in
            var place = 0
            for index in 0..<count where place + 12 <= text.count {
                let time = Int64(littleEndian: text.loadUnaligned(fromByteOffset: place, as: Int64.self))
                let length = Int(UInt32(littleEndian: text.loadUnaligned(fromByteOffset: place + 8, as: UInt32.self)))
                let message = UnsafeRawBufferPointer(rebasing: text[place + 12..<place + 12 + length])
                body(index, Timestamp(milliseconds: time), message)
                place += 12 + length
            }
        }
    }
}
