/// The keys that this thread has met, each with the two keys that followed it last.
///
/// Events of one service have the same members in the same order. So the next key is as a rule known before it is
/// read: one comparison then tells the key, its end and the selector node it leads to, where otherwise the end must be
/// searched and the key looked up. A wrong guess costs that search; it never changes what is found.
///
/// Bounded: when it is full, new keys are looked up every time.
struct KeyMemory: ~Copyable {
    /// A key with the quotation mark and colon behind it, as four words of which the masks say what counts.
    struct Entry: BitwiseCopyable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var masks: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        /// The length of the key and the two bytes behind it.
        var length: Int32 = 0
        /// The node that the key leads to, or -1.
        var child: Int32 = -1
        /// The entry of the key that followed last time, and of another one that followed before.
        var next: Int32 = KeyMemory.none
        var other: Int32 = KeyMemory.none
        /// The node whose object holds the key.
        var node: Int32 = -1

        /// Whether the bytes from `key` on are this key, its quotation mark and a colon. Reads 32 bytes.
        @inline(__always)
        func stands(at key: UnsafePointer<UInt8>) -> Bool {
            let a = (load8(key) ^ words.0) & masks.0 | (load8(key + 8) ^ words.1) & masks.1
            if length <= 16 { return a == 0 }
            let b = (load8(key + 16) ^ words.2) & masks.2 | (load8(key + 24) ^ words.3) & masks.3
            return a | b == 0
        }
    }

    /// Says that nothing is expected.
    static let none: Int32 = 0
    /// Longer keys are not kept.
    static let longest = 30
    private static let capacity = 1024
    private static let slotCount = 4096

    /// The first entries stand for the begin of the objects, one for each node; they have only what follows.
    let entries: UnsafeMutablePointer<Entry>
    private let slots: UnsafeMutablePointer<Int32>
    private let limit: Int
    private var count: Int

    init(nodeCount: Int) {
        count = nodeCount + 1
        limit = nodeCount + 1 + Self.capacity
        entries = .allocate(capacity: limit)
        entries.initialize(repeating: Entry(), count: limit)
        slots = .allocate(capacity: Self.slotCount)
        slots.initialize(repeating: -1, count: Self.slotCount)
    }

    deinit {
        entries.deallocate()
        slots.deallocate()
    }

    /// The entry for the begin of an object at `node`.
    @inline(__always)
    static func start(_ node: Int) -> Int { node &+ 1 }

    /// The second guess behind `previous`, if it stands at `key`; it becomes the first one.
    @inline(__always)
    func takeOther(_ key: UnsafePointer<UInt8>, after previous: Int) -> Int? {
        let other = Int(entries[previous].other)
        guard other != Int(Self.none), entries[other].stands(at: key) else { return nil }
        entries[previous].other = entries[previous].next
        entries[previous].next = Int32(truncatingIfNeeded: other)
        return other
    }

    /// Keeps that `entry` follows `previous`.
    func follow(_ previous: Int, _ entry: Int) {
        entries[previous].other = entries[previous].next
        entries[previous].next = Int32(truncatingIfNeeded: entry)
    }

    /// The entry of a key without escapes that is followed by `":`; nil when there is no room for it.
    ///
    /// - Parameter child: gives the node it leads to, asked only of a new key.
    mutating func entry(
        _ key: UnsafePointer<UInt8>, _ length: Int, node: Int, child: () -> Int
    ) -> Int? {
        guard length <= Self.longest else { return nil }
        var slot = Int(truncatingIfNeeded: byteHash(key, length, seed: UInt64(node))) & (Self.slotCount - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if entries[number].node == Int32(node), Int(entries[number].length) == length + 2,
                entries[number].stands(at: key)
            {
                return number
            }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        guard count < limit else { return nil }
        var entry = Entry(length: Int32(length + 2), child: Int32(child()), node: Int32(node))
        func word(_ number: Int) -> (UInt64, UInt64) {
            let rest = length + 2 - number * 8
            guard rest > 0 else { return (0, 0) }
            let mask: UInt64 = rest >= 8 ? ~0 : 1 << UInt64(rest * 8) - 1
            return (load8(key + number * 8) & mask, mask)
        }
        (entry.words.0, entry.masks.0) = word(0)
        (entry.words.1, entry.masks.1) = word(1)
        (entry.words.2, entry.masks.2) = word(2)
        (entry.words.3, entry.masks.3) = word(3)
        entries[count] = entry
        slots[slot] = Int32(count)
        count += 1
        return count - 1
    }
}
