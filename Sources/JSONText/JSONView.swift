public import CKernels

/// Indexed JSON text, to be walked without copying.
///
/// Borrows memory: valid as long as the `IndexedText` it was taken from is unchanged. All positions are byte offsets.
/// Invariant: `bytes` can be read for 64 bytes past `count`, and a block with every bit set follows the last one, so
/// that searches end by themselves; a search that ran off gives a position past `count`.
@frozen
public struct JSONView {
    public let bytes: UnsafePointer<UInt8>
    public let blocks: UnsafePointer<tw_block>
    public let count: Int

    @inlinable
    public init(bytes: UnsafePointer<UInt8>, blocks: UnsafePointer<tw_block>, count: Int) {
        self.bytes = bytes
        self.blocks = blocks
        self.count = count
    }

    /// The next quotation mark that begins or ends a string, at `start` or after.
    @inlinable @inline(__always)
    public func quote(from start: Int) -> Int {
        var word = start &>> 6
        var bits = blocks[word].quotes & (~0 &<< UInt64(truncatingIfNeeded: start & 63))
        while bits == 0 {
            word &+= 1
            bits = blocks[word].quotes
        }
        return word &<< 6 &+ bits.trailingZeroBitCount
    }

    /// Whether a backslash stands in `start..<end`.
    @inlinable @inline(__always)
    public func hasBackslash(_ start: Int, _ end: Int) -> Bool {
        if start >= end { return false }
        let first = start &>> 6
        let last = (end &- 1) &>> 6
        let head: UInt64 = ~0 &<< UInt64(truncatingIfNeeded: start & 63)
        let tail: UInt64 = ~0 &>> UInt64(truncatingIfNeeded: 63 &- (end &- 1) & 63)
        if first == last { return blocks[first].backslashes & head & tail != 0 }
        var found = blocks[first].backslashes & head | blocks[last].backslashes & tail
        var word = first &+ 1
        while word < last {
            found |= blocks[word].backslashes
            word &+= 1
        }
        return found != 0
    }

    /// The position after the bracket that closes the one at `start`; -1 when the text ends first.
    @inlinable
    public func endOfContainer(at start: Int) -> Int {
        var depth = 0
        return endOfContainer(from: start, depth: &depth)
    }

    /// The position at which `depth` brackets that are open at `start` have been closed; -1 when the text ends first,
    /// and then `depth` is the number of those open at its end.
    @inlinable
    public func endOfContainer(from start: Int, depth: inout Int) -> Int {
        var word = start &>> 6
        let lastWord = (count &+ 63) &>> 6
        var mask: UInt64 = ~0 &<< UInt64(truncatingIfNeeded: start & 63)
        while word < lastWord {
            let opens = blocks[word].opens & mask
            var closes = blocks[word].closes & mask
            mask = ~0
            let closing = closes.nonzeroBitCount
            // Only a block with at least `depth` closing brackets can hold the one that is looked for.
            if closing >= depth {
                var seen = 0
                while closes != 0 {
                    let bit = closes.trailingZeroBitCount
                    let before = (opens & (1 &<< UInt64(truncatingIfNeeded: bit) &- 1)).nonzeroBitCount
                    seen &+= 1
                    if depth &+ before == seen {
                        let end = word &<< 6 &+ bit &+ 1
                        return end <= count ? end : -1
                    }
                    closes &= closes &- 1
                }
            }
            depth &+= opens.nonzeroBitCount &- closing
            word &+= 1
        }
        return -1
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
        var place = start
        while place < count {
            switch bytes[place] {
            case 0x2C, 0x7D, 0x5D, 0x20, 0x0A, 0x0D, 0x09, 0x3A, 0x22, 0x7B, 0x5B: return place
            default: place &+= 1
            }
        }
        return place
    }
}

/// The type of a JSON value. The raw values are stable within the process only.
public enum JSONKind: UInt8, Sendable {
    case absent, string, number, `true`, `false`, null, object, array
}
