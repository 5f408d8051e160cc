internal import CKernels

/// Indexed JSON text, to be walked without copying.
///
/// Borrows memory: valid as long as the `IndexedText` it was taken from is unchanged. All positions are byte offsets.
/// Invariant: `bytes` can be read for 64 bytes past `count`, where a zero stands, and two words more follow the last of
/// each bitmap, with every bit of `quotes` set: so searches end by themselves, those that ran off past `count`.
@frozen
public struct JSONView {
    /// Where the bytes and their bitmaps lie. Behind a pointer, so that a view goes from hand to hand in two registers:
    /// it does so several times for each event.
    @usableFromInline
    struct Index: BitwiseCopyable {
        @usableFromInline var bytes: UnsafePointer<UInt8>
        @usableFromInline var quotes: UnsafePointer<UInt64>
        @usableFromInline var opens: UnsafePointer<UInt64>
        @usableFromInline var closes: UnsafePointer<UInt64>
        @usableFromInline var backslashes: UnsafePointer<UInt64>
        /// A byte for each block of 64.
        @usableFromInline var high: UnsafePointer<UInt8>
        @usableFromInline var mayHoldControls: Bool
    }

    @usableFromInline let index: UnsafePointer<Index>
    public let count: Int

    @inlinable
    init(index: UnsafePointer<Index>, count: Int) {
        self.index = index
        self.count = count
    }

    @inlinable public var bytes: UnsafePointer<UInt8> { index.pointee.bytes }
    @inlinable var quotes: UnsafePointer<UInt64> { index.pointee.quotes }
    /// Whether a control character may stand inside a string, which makes the text no JSON.
    @inlinable public var mayHoldControls: Bool { index.pointee.mayHoldControls }

    /// The begin of the text: the same index with fewer bytes.
    public func prefix(_ count: Int) -> JSONView { JSONView(index: index, count: count) }

    /// The next quotation mark that begins or ends a string, at `start` or after.
    @inlinable @inline(__always)
    public func quote(from start: Int) -> Int {
        // The bits from `start` on, at least 57 of them, in one load; enough for nearly every key and value.
        let row = UnsafeRawPointer(quotes)
        let window =
            row.loadUnaligned(fromByteOffset: start &>> 3, as: UInt64.self) &>> UInt64(truncatingIfNeeded: start & 7)
        if window != 0 { return start &+ window.trailingZeroBitCount }
        return distantQuote(from: start)
    }

    @inlinable
    func distantQuote(from start: Int) -> Int {
        var word = start &>> 6
        var bits = quotes[word] & (~0 &<< UInt64(truncatingIfNeeded: start & 63))
        while bits == 0 {
            word &+= 1
            bits = quotes[word]
        }
        return word &<< 6 &+ bits.trailingZeroBitCount
    }

    /// Whether a backslash stands in `start..<end`.
    @inlinable @inline(__always)
    public func hasBackslash(_ start: Int, _ end: Int) -> Bool {
        if start >= end { return false }
        let row = UnsafeRawPointer(index.pointee.backslashes)
        let window = row.loadUnaligned(fromByteOffset: start &>> 3, as: UInt64.self)
        let bits = window &>> UInt64(truncatingIfNeeded: start & 7)
        let length = end &- start
        if length <= 56 { return bits & (1 &<< UInt64(truncatingIfNeeded: length) &- 1) != 0 }
        return hasBackslashInLong(start, end)
    }

    @inlinable
    func hasBackslashInLong(_ start: Int, _ end: Int) -> Bool { Self.isAnySet(index.pointee.backslashes, start, end) }

    /// Whether an odd number of quotation marks stands in `start..<end`, so that what follows is read inside out.
    public func hasOddQuotes(_ start: Int, _ end: Int) -> Bool {
        guard start < end else { return false }
        let first = start &>> 6
        let last = (end &- 1) &>> 6
        let head: UInt64 = ~0 &<< UInt64(truncatingIfNeeded: start & 63)
        let tail: UInt64 = ~0 &>> UInt64(truncatingIfNeeded: 63 &- (end &- 1) & 63)
        if first == last { return (quotes[first] & head & tail).nonzeroBitCount & 1 == 1 }
        var sum = (quotes[first] & head) ^ (quotes[last] & tail)
        var word = first &+ 1
        while word < last {
            sum ^= quotes[word]
            word &+= 1
        }
        return sum.nonzeroBitCount & 1 == 1
    }

    /// Whether a byte outside ASCII may stand in `start..<end`: one stands there, or less than 64 bytes away.
    @inlinable
    public func mayHoldHighByte(_ start: Int, _ end: Int) -> Bool {
        var block = start &>> 6
        let last = (end &+ 63) &>> 6
        while block < last {
            let eight = UnsafeRawPointer(index.pointee.high + block).loadUnaligned(as: UInt64.self)
            let excess = max(0, block &+ 8 &- last)
            if eight &<< UInt64(truncatingIfNeeded: excess &* 8) != 0 { return true }
            block &+= 8
        }
        return false
    }

    /// Whether a bit of `start..<end`, which is not empty, is set.
    @inlinable
    static func isAnySet(_ bits: UnsafePointer<UInt64>, _ start: Int, _ end: Int) -> Bool {
        let first = start &>> 6
        let last = (end &- 1) &>> 6
        let head: UInt64 = ~0 &<< UInt64(truncatingIfNeeded: start & 63)
        let tail: UInt64 = ~0 &>> UInt64(truncatingIfNeeded: 63 &- (end &- 1) & 63)
        if first == last { return bits[first] & head & tail != 0 }
        var found = bits[first] & head | bits[last] & tail
        var word = first &+ 1
        while word < last {
            found |= bits[word]
            word &+= 1
        }
        return found != 0
    }

    /// The position after the bracket that closes the one at `start`; -1 when the text ends first.
    public func endOfContainer(at start: Int) -> Int {
        var depth = 0
        return endOfContainer(from: start, depth: &depth)
    }

    /// The position at which `depth` brackets that are open at `start` have been closed; -1 when the text ends first,
    /// and then `depth` is the number of those open at its end.
    public func endOfContainer(from start: Int, depth: inout Int) -> Int {
        let place = tw_close(index.pointee.opens, index.pointee.closes, start, count, &depth)
        return place < 0 ? -1 : place + 1
    }

    /// The first position at `start` or after that is no JSON white space.
    @inlinable @inline(__always)
    public func skipBlanks(_ start: Int) -> Int {
        var place = start
        while true {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return place }
            place &+= 1
        }
    }

    /// The end of the number or keyword at `start`: where a delimiter stands.
    @inlinable @inline(__always)
    public func endOfScalar(at start: Int) -> Int {
        // `true` and `null` are four bytes, `false` begins like that; behind them stands a delimiter as a rule.
        let word = UnsafeRawPointer(bytes + start).loadUnaligned(as: UInt32.self)
        var place = start
        if word == 0x6575_7274 || word == 0x6C6C_756E || word == 0x736C_6166 { place = start &+ 4 }
        while place < count {
            switch bytes[place] {
            case 0x2C, 0x7D, 0x5D, 0x20, 0x0A, 0x0D, 0x09, 0x3A, 0x22, 0x7B, 0x5B: return place
            default: place &+= 1
            }
        }
        return place
    }

    /// The end of the value at `start`, whatever it is; not past `start`, or past `count`, when the text ends first.
    @inlinable @inline(__always)
    public func endOfValue(at start: Int) -> Int {
        switch bytes[start] {
        case 0x22: quote(from: start &+ 1) &+ 1
        case 0x7B, 0x5B: endOfContainer(at: start)
        default: endOfScalar(at: start)
        }
    }
}
