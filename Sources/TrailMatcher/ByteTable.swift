/// A hash table from byte strings, each in one of several spaces, to numbers; filled once, then read.
struct ByteTable: BitwiseCopyable {
    struct Entry: BitwiseCopyable {
        var hash: UInt32
        var space: Int32
        var offset: Int32
        var count: Int32
        /// -1 in an empty entry.
        var number: Int32
    }

    private let entries: UnsafePointer<Entry>
    private let bytes: UnsafePointer<UInt8>
    private let mask: Int
    /// A bit for each length that a key has, the last one for all from 63 on: most texts are told apart by it.
    private let lengths: UInt64

    init(_ keys: [(space: Int, bytes: [UInt8], number: Int)], in pool: MemoryPool) {
        // Most texts that are looked up are none of the keys. A small table has room to spare, so that they mostly meet
        // an empty entry, which the processor can foresee.
        let room = keys.count <= 256 ? 8 : keys.count <= 1024 ? 4 : 2
        var size = 8
        while size < keys.count * room { size *= 2 }
        var table = [Entry](repeating: Entry(hash: 0, space: 0, offset: 0, count: 0, number: -1), count: size)
        var blob: [UInt8] = []
        for key in keys {
            let hash = key.bytes.machineHash(seed: UInt64(key.space))
            var place = Int(truncatingIfNeeded: hash) & (size - 1)
            while table[place].number >= 0 { place = (place + 1) & (size - 1) }
            table[place] = Entry(
                hash: UInt32(truncatingIfNeeded: hash >> 32), space: Int32(key.space), offset: Int32(blob.count),
                count: Int32(key.bytes.count), number: Int32(key.number))
            blob += key.bytes
        }
        entries = pool.array(table)
        bytes = pool.array(blob, padding: 16, filler: 0)
        mask = size - 1
        lengths = keys.reduce(0) { $0 | Self.bit(ofLength: $1.bytes.count) }
    }

    @inline(__always)
    private static func bit(ofLength count: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: min(count, 63)) }

    /// The number of the string, or -1. May read eight bytes past its end.
    @inline(__always)
    func find(_ text: UnsafePointer<UInt8>, _ count: Int, space: Int) -> Int {
        guard lengths & Self.bit(ofLength: count) != 0 else { return -1 }
        let hash = byteHash(text, count, seed: UInt64(truncatingIfNeeded: space))
        let short = UInt32(truncatingIfNeeded: hash &>> 32)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = entries[place]
            if entry.number < 0 { return -1 }
            if entry.hash == short, entry.space == Int32(truncatingIfNeeded: space),
                Int(entry.count) == count, equal(bytes + Int(entry.offset), text, count)
            {
                return Int(entry.number)
            }
            place = (place &+ 1) & mask
        }
    }
}
