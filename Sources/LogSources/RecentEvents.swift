/// The newest event ids, to know a second delivery by. Each takes sixteen bytes and as much again in the index; when there
/// are too many the older half is forgotten.
struct RecentEvents {
    /// 64 MB at most.
    static let most = 1 << 20

    private var older: Set<UInt64> = []
    private var newer: Set<UInt64> = []
    /// Those noted since the last `keep`.
    private var fresh: [UInt64] = []

    /// Notes an id; whether it was known.
    mutating func isKnown(_ id: UnsafeBufferPointer<UInt8>) -> Bool {
        // FNV-1a; of a million ids two are taken for one once in thirty million times.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        if newer.contains(hash) || older.contains(hash) { return true }
        newer.insert(hash)
        fresh.append(hash)
        if newer.count > Self.most / 2 { (older, newer) = (newer, []) }
        return false
    }

    /// What was noted is stored.
    mutating func keep() { fresh.removeAll(keepingCapacity: true) }

    /// What was noted since the last `keep` was not stored, and comes again.
    mutating func takeBack() {
        for hash in fresh {
            newer.remove(hash)
            older.remove(hash)
        }
        fresh.removeAll(keepingCapacity: true)
    }
}
