public import AWSCore
public import Store

/// Where a stored event stands: by time, then in the order in which it came in.
public struct EventPosition: Hashable, Comparable, Sendable {
    public var time: Timestamp
    public var chunk: Int64
    public var index: Int

    public init(time: Timestamp, chunk: Int64, index: Int) {
        self.time = time
        self.chunk = chunk
        self.index = index
    }

    public static func < (a: EventPosition, b: EventPosition) -> Bool {
        (a.time, a.chunk, a.index) < (b.time, b.chunk, b.index)
    }
}

public struct StoredEvent: Sendable {
    public var position: EventPosition
    public var stream: String
    public var message: String
    public var ingestion: Timestamp
}

/// A search through the stored events of a log group.
public struct EventSearch {
    public var scope: Scope
    public var group: String
    public var stream: String?
    /// Both included.
    public var start: Timestamp
    public var end: Timestamp
    /// Only what stands behind this place; before it, when the newest come first.
    public var after: EventPosition?
    public var newestFirst = false
    public var limit = 10_000
    /// Of messages, in a page.
    public var byteLimit = 1 << 20

    public init(scope: Scope, group: String, stream: String? = nil, start: Timestamp, end: Timestamp) {
        self.scope = scope
        self.group = group
        self.stream = stream
        self.start = start
        self.end = end
    }

    /// Finds a page of events for which `wants` holds, in the order asked for.
    ///
    /// - Returns: the events, and whether there are more.
    public func run(
        in store: Store, wants: (EventChunk, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> (events: [StoredEvent], hasMore: Bool) {
        var start = start
        var end = end
        if let after { if newestFirst { end = min(end, after.time) } else { start = max(start, after.time) } }
        guard start <= end else { return ([], false) }
        var found: [StoredEvent] = []
        var bytes = 0
        var isCut = false
        try store.chunks(of: group, in: scope, from: start, to: end, newestFirst: newestFirst, stream: stream) {
            chunk in
            // Chunks overlap in time: only what lies wholly behind a full page can't belong to it.
            if found.count > limit || bytes > byteLimit, let last = pageEnd(&found) {
                let isBehind = newestFirst ? chunk.last < last.time : chunk.first > last.time
                if isBehind {
                    isCut = true
                    return false
                }
            }
            chunk.forEach { index, time, message in
                let position = EventPosition(time: time, chunk: chunk.id, index: index)
                guard time >= start, time <= end else { return }
                if let after, newestFirst ? position >= after : position <= after { return }
                guard wants(chunk, message) else { return }
                bytes += message.count
                found.append(
                    StoredEvent(
                        position: position, stream: chunk.stream, message: String(decoding: message, as: UTF8.self),
                        ingestion: chunk.ingestion))
            }
            return true
        }
        sort(&found)
        var size = 0
        var count = 0
        while count < found.count, count < limit {
            size += found[count].message.utf8.count
            if count > 0, size > byteLimit { break }
            count += 1
        }
        return (Array(found.prefix(count)), isCut || count < found.count)
    }

    private func sort(_ found: inout [StoredEvent]) {
        found.sort { newestFirst ? $0.position > $1.position : $0.position < $1.position }
    }

    /// The last event of the page that the events found so far fill.
    private func pageEnd(_ found: inout [StoredEvent]) -> EventPosition? {
        sort(&found)
        var size = 0
        for (i, event) in found.enumerated() {
            size += event.message.utf8.count
            if i == limit || size > byteLimit { return event.position }
        }
        return nil
    }
}
