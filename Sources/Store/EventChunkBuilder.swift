public import AWSCore

/// Puts events together to chunks as they come, as bytes and in any order.
public struct EventChunkBuilder {
    private var text: [UInt8] = []
    private var events: [(time: Timestamp, start: Int, length: Int)] = []
    private var isInOrder = true

    public init() {}

    /// Of the messages so far, in bytes.
    public var messageBytes: Int { text.count - events.count }
    public var isEmpty: Bool { events.isEmpty }

    public mutating func add(_ message: UnsafeRawBufferPointer, at time: Timestamp) {
        if let last = events.last, time < last.time { isInOrder = false }
        events.append((time, text.count, message.count))
        text += message
        text.append(UInt8(ascii: "\n"))
    }

    /// The chunk of all events since it was made, or finished last; at least one.
    public mutating func finish(_ stream: String, of group: String, in scope: Scope, at now: Timestamp) -> EventChunk {
        // Events of one time stay as they came.
        if !isInOrder { events.sort { ($0.time, $0.start) < ($1.time, $1.start) } }
        var body: [UInt8] = []
        body.reserveCapacity(text.count + events.count * EventChunk.headerSize)
        for event in events {
            withUnsafeBytes(of: event.time.milliseconds.littleEndian) { body += $0 }
            withUnsafeBytes(of: UInt32(event.length).littleEndian) { body += $0 }
        }
        if isInOrder {
            body += text
        } else {
            for event in events { body += text[event.start...event.start + event.length] }
        }
        let chunk = EventChunk(
            scope: scope, group: group, stream: stream, ingestion: now, first: events.first?.time ?? now,
            last: events.last?.time ?? now, count: events.count, messageBytes: messageBytes, text: body)
        text.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        isInOrder = true
        return chunk
    }
}
