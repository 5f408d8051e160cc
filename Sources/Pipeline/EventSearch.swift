public import AWSCore
public import FilterPattern
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
    /// Of the streams to look at; nil takes all.
    public var streams: Set<String>?
    public var streamPrefix: String?
    /// Nil wants every event.
    public var pattern: FilterPattern?
    /// Both included.
    public var start: Timestamp
    public var end: Timestamp
    /// Only what stands behind this place; before it, when the newest come first.
    public var after: EventPosition?
    public var newestFirst = false
    public var limit = 10_000
    /// Of messages, in a page.
    public var byteLimit = 1 << 20
    /// So many bytes of events are looked at for a page; then it ends, with few events or none, as AWS's do.
    public var searchLimit = 4 << 30

    /// What a search found.
    public struct Page {
        /// In the order asked for.
        public var events: [StoredEvent]
        /// Where to go on; nil when there is nothing more.
        public var next: EventPosition?
    }

    public init(scope: Scope, group: String, start: Timestamp, end: Timestamp) {
        self.scope = scope
        self.group = group
        self.start = start
        self.end = end
    }

    /// Finds a page of events.
    public func run(in store: Store) throws(StoreError) -> Page {
        var start = start
        var end = end
        if let after { if newestFirst { end = min(end, after.time) } else { start = max(start, after.time) } }
        guard start <= end else { return Page(events: []) }
        let filter = ChunkFilter(pattern)
        var found: [StoredEvent] = []
        var bytes = 0
        var searched = 0
        var isCut = false
        // Where the events looked at begin: a page that ends there would be looked at once more.
        var earliest: Timestamp?
        var interruption: Timestamp?
        try store.chunks(
            of: group, in: scope, from: start, to: end, newestFirst: newestFirst,
            stream: streams?.count == 1 ? streams?.first : nil
        ) { chunk in
            // Chunks overlap in time: only what lies wholly behind a full page can't belong to it.
            if found.count > limit || bytes > byteLimit, let last = pageEnd(&found) {
                let isBehind = newestFirst ? chunk.last < last.time : chunk.first > last.time
                if isBehind {
                    isCut = true
                    return false
                }
            }
            let begin = earliest ?? max(start, chunk.first)
            earliest = begin
            if searched > searchLimit, !newestFirst, chunk.first > begin {
                interruption = chunk.first
                return false
            }
            guard wants(chunk.stream) else { return true }
            searched += chunk.messageBytes
            filter.forEachMatch(in: chunk) { index, time, message in
                let position = EventPosition(time: time, chunk: chunk.id, index: index)
                guard time >= start, time <= end else { return }
                if let after, newestFirst ? position >= after : position <= after { return }
                bytes += message.count
                found.append(
                    StoredEvent(
                        position: position, stream: chunk.stream, message: String(decoding: message, as: UTF8.self),
                        ingestion: chunk.ingestion))
            }
            return true
        }
        // What lies at the interruption or behind it may stand between events of chunks not seen yet.
        if let interruption { found.removeAll { $0.position.time >= interruption } }
        sort(&found)
        var size = 0
        var count = 0
        while count < found.count, count < limit {
            size += found[count].message.utf8.count
            if count > 0, size > byteLimit { break }
            count += 1
        }
        let page = Array(found.prefix(count))
        if isCut || count < found.count { return Page(events: page, next: page.last?.position) }
        // Before the first event of that time: numbers of chunks begin at 1.
        return Page(events: page, next: interruption.map { EventPosition(time: $0, chunk: 0, index: 0) })
    }

    private func wants(_ stream: String) -> Bool {
        if let streams, !streams.contains(stream) { return false }
        if let streamPrefix, !stream.hasPrefix(streamPrefix) { return false }
        return true
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
