/// Strings of which all that begin (or all that end) a text are wanted.
///
/// The strings are kept in order. Those that begin the text are the last string not after it, and the strings that
/// begin that one; each string knows the longest other one that begins it. So a search is one bisection and a walk.
struct AffixSet: BitwiseCopyable {
    private let strings: UnsafePointer<(offset: Int32, count: Int32)>
    private let bytes: UnsafePointer<UInt8>
    private let parents: UnsafePointer<Int32>
    private let numbers: UnsafePointer<Int32>
    /// Where the strings with a first byte begin in the order; entry 256 is their number.
    private let firsts: UnsafePointer<Int32>
    private let readsBackwards: Bool

    /// - Parameters:
    ///   - members: different strings, none empty, each with its number.
    ///   - atEnd: whether ends of texts are looked for.
    init(_ members: [(bytes: [UInt8], number: Int)], atEnd: Bool, in pool: MemoryPool) {
        let ordered = members.map { (bytes: atEnd ? $0.bytes.reversed() : $0.bytes, number: $0.number) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var blob: [UInt8] = []
        var places: [(offset: Int32, count: Int32)] = []
        var links: [Int32] = []
        var open: [Int] = []
        for (i, member) in ordered.enumerated() {
            while let last = open.last, !member.bytes.starts(with: ordered[last].bytes) { open.removeLast() }
            links.append(Int32(open.last ?? -1))
            open.append(i)
            places.append((Int32(blob.count), Int32(member.bytes.count)))
            blob += member.bytes
        }
        strings = pool.array(places)
        bytes = pool.array(blob, padding: 8, filler: 0)
        parents = pool.array(links)
        numbers = pool.array(ordered.map { Int32($0.number) })
        firsts = pool.array(
            (0...256).map { first in
                Int32(ordered.firstIndex { first < 256 && Int($0.bytes[0]) >= first } ?? ordered.count)
            })
        readsBackwards = atEnd
    }

    /// Calls `found` with the number of each string that begins (or ends) the text.
    @inline(__always)
    func search(_ text: UnsafePointer<UInt8>, _ count: Int, _ found: (Int) -> Void) {
        if count == 0 { return }
        let start = readsBackwards ? text + (count &- 1) : text
        let step = readsBackwards ? -1 : 1
        var low = Int(firsts[Int(start[0])])
        var high = Int(firsts[Int(start[0]) &+ 1])
        // Strings in low..<high share the first byte; find the last one that is not after the text.
        var candidate = -1
        var shared = 0
        while low < high {
            let middle = (low &+ high) &>> 1
            let string = strings[middle]
            let length = min(Int(string.count), count)
            let base = bytes + Int(string.offset)
            var equalCount = 0
            while equalCount < length, base[equalCount] == start[equalCount &* step] { equalCount &+= 1 }
            let isAfter =
                equalCount == length ? Int(string.count) > count : base[equalCount] > start[equalCount &* step]
            if isAfter {
                high = middle
            } else {
                candidate = middle
                shared = equalCount
                low = middle &+ 1
            }
        }
        while candidate >= 0 {
            if Int(strings[candidate].count) <= shared { found(Int(numbers[candidate])) }
            candidate = Int(parents[candidate])
        }
    }
}
