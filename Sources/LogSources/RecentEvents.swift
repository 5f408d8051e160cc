internal import AWSCore

/// The ids of events that were taken within a window of time, to know a second delivery by: at most `most` of them, each
/// at the cost of sixteen to thirty-two bytes. When there are more, the oldest are forgotten before their time.
struct RecentEvents {
    /// 32 MB at most.
    static let most = 1 << 20
    private static let generationCount = 4

    private struct Generation {
        var start: Timestamp
        var ids: Set<UInt64> = []
    }

    /// In milliseconds.
    private let window: Int64
    /// The oldest first.
    private var generations: [Generation] = []
    /// Those noted since the last `keep`.
    private var fresh: [UInt64] = []

    /// - Parameter window: in seconds.
    init(window: Int) {
        self.window = Int64(window) * 1000
    }

    var count: Int { generations.reduce(0) { $0 + $1.ids.count } }

    /// Notes an id; whether it was known.
    mutating func isKnown(_ id: UnsafeBufferPointer<UInt8>, at now: Timestamp) -> Bool {
        // FNV-1a; of a million ids two are taken for one once in thirty million times.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        turn(to: now)
        if generations.contains(where: { $0.ids.contains(hash) }) { return true }
        generations[generations.count - 1].ids.insert(hash)
        fresh.append(hash)
        return false
    }

    /// Begins another generation when the newest is full or old, and forgets those that are out of the window.
    private mutating func turn(to now: Timestamp) {
        let share = Int64(Self.generationCount)
        let isDue =
            generations.last.map {
                now.milliseconds - $0.start.milliseconds >= window / share
                    || $0.ids.count >= Self.most / Self.generationCount
            } ?? true
        guard isDue else { return }
        generations.append(Generation(start: now))
        // One more than its share, since the oldest lasts a share longer than its first id.
        let oldest = now.milliseconds - window - window / share
        generations.removeAll { $0.start.milliseconds < oldest }
        while generations.count > 1, count > Self.most - Self.most / Self.generationCount { generations.removeFirst() }
    }

    /// What was noted is stored.
    mutating func keep() { fresh.removeAll(keepingCapacity: true) }

    /// What was noted since the last `keep` was not stored, and comes again.
    mutating func takeBack() {
        for hash in fresh { for place in generations.indices { generations[place].ids.remove(hash) } }
        fresh.removeAll(keepingCapacity: true)
    }
}
