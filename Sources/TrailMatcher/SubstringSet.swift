/// Strings of which all that occur in a text are wanted, in one pass over the text.
///
/// Strings of seven bytes or more are known by four pieces of four bytes at neighbouring places, one of which falls
/// on a multiple of four wherever the string stands: so only every fourth place of the text is looked at. Shorter
/// strings are known by their first four bytes, or by the first byte. A bit table rejects most places at once.
struct SubstringSet: BitwiseCopyable {
    private let strings: UnsafePointer<(offset: Int32, count: Int32)>
    private let bytes: UnsafePointer<UInt8>
    private let long: PieceTable
    private let middle: PieceTable
    /// The strings of one to three bytes that begin with a byte: `shorts[shortStarts[b]..<shortStarts[b + 1]]`.
    private let shortStarts: UnsafePointer<Int32>
    private let shorts: UnsafePointer<Int32>
    private let shortCount: Int

    /// - Parameter members: strings that are not empty; their places in the array are their numbers.
    init(_ members: [[UInt8]], in pool: MemoryPool) {
        var blob: [UInt8] = []
        var places: [(offset: Int32, count: Int32)] = []
        for member in members {
            places.append((Int32(blob.count), Int32(member.count)))
            blob += member
        }
        strings = pool.array(places)
        bytes = pool.array(blob, padding: 16, filler: 0)

        // Of the places where four neighbouring pieces can be taken, take those that fewest strings share.
        func piece(_ member: [UInt8], _ place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(member[place + $1]) << UInt32($1 * 8) }
        }
        var shares: [UInt32: Int] = [:]
        for member in members where member.count >= 7 {
            for place in 0...(member.count - 4) { shares[piece(member, place), default: 0] += 1 }
        }
        var longPieces: [(piece: UInt32, string: Int, place: Int)] = []
        var middlePieces: [(piece: UInt32, string: Int, place: Int)] = []
        var shortLists = [[Int32]](repeating: [], count: 256)
        for (number, member) in members.enumerated() {
            if member.count >= 7 {
                let starts = 0...min(member.count - 7, 32)
                let best = starts.min { a, b in
                    func worst(_ start: Int) -> Int {
                        (start..<start + 4).map { shares[piece(member, $0)] ?? 0 }.max() ?? 0
                    }
                    return worst(a) < worst(b)
                }
                for place in (best ?? 0)..<(best ?? 0) + 4 { longPieces.append((piece(member, place), number, place)) }
            } else if member.count >= 4 {
                middlePieces.append((piece(member, 0), number, 0))
            } else {
                shortLists[Int(member[0])].append(Int32(number))
            }
        }
        long = PieceTable(longPieces, in: pool)
        middle = PieceTable(middlePieces, in: pool)
        var starts: [Int32] = [0]
        for list in shortLists { starts.append(starts[starts.count - 1] + Int32(list.count)) }
        shortStarts = pool.array(starts)
        shorts = pool.array(shortLists.flatMap(\.self))
        shortCount = shortLists.reduce(0) { $0 + $1.count }
    }

    /// Calls `found` with the number of each string that occurs in the text, once or several times.
    @inline(__always)
    func search(_ text: UnsafePointer<UInt8>, _ count: Int, _ found: (Int) -> Void) {
        if long.count > 0 {
            var place = long.nextCandidate(text, 0, count, step: 4)
            while place >= 0 {
                verify(long, load4(text + place), text, count, place, found)
                place = long.nextCandidate(text, place &+ 4, count, step: 4)
            }
        }
        if middle.count > 0 {
            var place = middle.nextCandidate(text, 0, count, step: 1)
            while place >= 0 {
                verify(middle, load4(text + place), text, count, place, found)
                place = middle.nextCandidate(text, place &+ 1, count, step: 1)
            }
        }
        if shortCount > 0 {
            for place in 0..<count {
                let byte = Int(text[place])
                var next = shortStarts[byte]
                while next < shortStarts[byte &+ 1] {
                    check(Int(shorts[Int(next)]), text, count, place, found)
                    next &+= 1
                }
            }
        }
    }

    private func verify(
        _ table: PieceTable, _ piece: UInt32, _ text: UnsafePointer<UInt8>, _ count: Int, _ place: Int,
        _ found: (Int) -> Void
    ) {
        var next = table.first(piece)
        while next >= 0, table.owners[next].piece == piece {
            let owner = table.owners[next]
            check(Int(owner.string), text, count, place &- Int(owner.place), found)
            next &+= 1
        }
    }

    @inline(__always)
    private func check(
        _ number: Int, _ text: UnsafePointer<UInt8>, _ count: Int, _ start: Int, _ found: (Int) -> Void
    ) {
        let string = strings[number]
        guard start >= 0, start &+ Int(string.count) <= count else { return }
        if equal(bytes + Int(string.offset), text + start, Int(string.count)) { found(number) }
    }
}

/// Four-byte pieces and the strings they belong to.
private struct PieceTable: BitwiseCopyable {
    struct Owner: BitwiseCopyable {
        var piece: UInt32
        var string: Int32
        var place: Int32
    }

    let count: Int
    /// Sorted by piece, so that the owners of one stand together; one entry of another piece follows the last.
    let owners: UnsafePointer<Owner>
    private let bits: UnsafePointer<UInt64>
    private let shift: UInt32
    /// Open addressing from a piece to its first owner; -1 in an empty entry.
    private let firsts: UnsafePointer<Int32>
    private let mask: Int

    init(_ pieces: [(piece: UInt32, string: Int, place: Int)], in pool: MemoryPool) {
        count = pieces.count
        let sorted = pieces.sorted { ($0.piece, $0.string) < ($1.piece, $1.string) }
        owners = pool.array(
            sorted.map { Owner(piece: $0.piece, string: Int32($0.string), place: Int32($0.place)) },
            padding: 1, filler: Owner(piece: (sorted.last?.piece ?? 0) &+ 1, string: 0, place: 0))
        var bitWidth: UInt32 = 12
        while 1 << bitWidth < pieces.count * 16, bitWidth < 26 { bitWidth += 1 }
        var table = [UInt64](repeating: 0, count: 1 << (bitWidth - 6))
        var size = 8
        while size < pieces.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        var previous: UInt32?
        for (i, entry) in sorted.enumerated() where entry.piece != previous {
            previous = entry.piece
            let bit = Self.mix(entry.piece) >> (32 - bitWidth)
            table[Int(bit >> 6)] |= 1 << UInt64(bit & 63)
            var slot = Int(Self.mix(entry.piece) >> 7) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(i)
        }
        bits = pool.array(table)
        shift = 32 - bitWidth
        firsts = pool.array(slots)
        mask = size - 1
    }

    @inline(__always)
    private static func mix(_ piece: UInt32) -> UInt32 {
        piece &* 0x9E37_79B1
    }

    /// The first place from `start` on, in steps, whose piece may be one of these; -1 when there is none.
    ///
    /// A function of its own, so that its few values stay in registers: it looks at every event from end to end.
    @inline(never)
    func nextCandidate(_ text: UnsafePointer<UInt8>, _ start: Int, _ count: Int, step: Int) -> Int {
        let bits = self.bits
        let shift = self.shift
        var place = start
        let last = count &- 4
        while place <= last {
            let bit = Self.mix(load4(text + place)) &>> shift
            if bits[Int(bit &>> 6)] &>> UInt64(bit & 63) & 1 == 1 { return place }
            place &+= step
        }
        return -1
    }

    /// The first owner of the piece, or -1.
    @inline(__always)
    func first(_ piece: UInt32) -> Int {
        var slot = Int(Self.mix(piece) &>> 7) & mask
        while true {
            let first = firsts[slot]
            if first < 0 { return -1 }
            if owners[Int(first)].piece == piece { return Int(first) }
            slot = (slot &+ 1) & mask
        }
    }
}
