#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Counts texts, up to a number of different ones; what comes later is counted together as others.
///
/// Works on bytes: an event that repeats a known text makes no string.
struct TextCounter: Sendable {
    private struct Entry {
        var hash: UInt64
        var start: Int
        var length: Int
        var count: Int
    }

    static let limit = 10_000

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var slots = [Int32](repeating: -1, count: 64)
    /// How many texts came after the limit was reached.
    private(set) var others = 0

    mutating func add(_ text: UnsafeBufferPointer<UInt8>, count: Int = 1) {
        let hash = EventLedger.fingerprint(text)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if entries[number].hash == hash, isText(text, entries[number]) {
                entries[number].count += count
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard entries.count < Self.limit else {
            others += count
            return
        }
        slots[slot] = Int32(entries.count)
        entries.append(Entry(hash: hash, start: bytes.count, length: text.count, count: count))
        bytes.append(contentsOf: text)
        if entries.count * 2 > slots.count { rehash() }
    }

    private func isText(_ text: UnsafeBufferPointer<UInt8>, _ entry: Entry) -> Bool {
        entry.length == text.count
            && bytes.withUnsafeBufferPointer { bytes in
                guard let ours = bytes.baseAddress, let theirs = text.baseAddress else { return text.isEmpty }
                return memcmp(ours + entry.start, theirs, entry.length) == 0
            }
    }

    private mutating func rehash() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    mutating func merge(_ other: TextCounter) {
        for entry in other.entries {
            other.bytes[entry.start..<entry.start + entry.length].withUnsafeBufferPointer {
                add($0, count: entry.count)
            }
        }
        others += other.others
    }

    /// The most frequent texts, the most frequent first, those of one count in order of their bytes.
    func top(_ count: Int) -> [(text: String, count: Int)] {
        entries.map { (String(decoding: bytes[$0.start..<$0.start + $0.length], as: UTF8.self), $0.count) }
            .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
            .prefix(count).map { (text: $0.0, count: $0.1) }
    }

    /// How many different texts were seen.
    var distinctCount: Int { entries.count }
}
