public import AWSCore

/// The events of a chunk, decompressed, in memory that is used again for the next one. For one thread at a time.
public final class ChunkText {
    /// What may be written behind the messages.
    public static let padding = 128

    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 20
    private var size = 0
    private var count = 0
    private var form = EventChunk.Form.apart

    public init() {
        memory = .allocate(capacity: capacity + Self.padding)
        memory.initialize(repeating: 0, count: capacity + Self.padding)
    }

    deinit { memory.deallocate() }

    /// Takes the events of a chunk in the place of those before. False when they are damaged.
    public func load(_ chunk: EventChunk) -> Bool {
        if chunk.size > capacity {
            memory.deallocate()
            capacity = chunk.size
            memory = .allocate(capacity: capacity + Self.padding)
            memory.initialize(repeating: 0, count: capacity + Self.padding)
        }
        (count, form, size) = (0, chunk.form, chunk.size)
        let target = UnsafeMutableRawBufferPointer(start: memory, count: size)
        guard chunk.data.withUnsafeBytes({ Zstd.decompress($0, into: target) }) else { return false }
        guard form == .mixed || chunk.count * EventChunk.headerSize <= size else { return false }
        count = chunk.count
        return true
    }

    /// All messages, one after the other, each with a line feed behind it; nil in chunks of the old form. The memory
    /// behind them may be written.
    public var messages: UnsafeMutableBufferPointer<UInt8>? {
        guard form == .apart else { return nil }
        let start = count * EventChunk.headerSize
        return UnsafeMutableBufferPointer(start: memory + start, count: size - start)
    }

    /// Calls `body` with the number, the time and the message of each event, in their order, and where in `messages`
    /// it begins.
    public func forEach(_ body: (Int, Timestamp, UnsafeRawBufferPointer, Int) -> Void) {
        let text = UnsafeRawBufferPointer(start: memory, count: size)
        let header = EventChunk.headerSize
        let start = form == .apart ? count * header : 0
        var place = start
        for index in 0..<count {
            let head = form == .apart ? index * header : place
            guard head + header <= size else { return }
            let time = Int64(littleEndian: text.loadUnaligned(fromByteOffset: head, as: Int64.self))
            let length = Int(UInt32(littleEndian: text.loadUnaligned(fromByteOffset: head + 8, as: UInt32.self)))
            if form == .mixed { place += header }
            guard place + length <= size else { return }
            body(
                index, Timestamp(milliseconds: time), UnsafeRawBufferPointer(rebasing: text[place..<place + length]),
                place - start)
            place += length + (form == .apart ? 1 : 0)
        }
    }
}
