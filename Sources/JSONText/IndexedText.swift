internal import CKernels

/// Bytes with the index of their JSON structure, in memory that is used again and again.
///
/// For one thread at a time. Grows to the longest text it has held; nothing is allocated otherwise.
public final class IndexedText {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var words: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private var carry = tw_carry()
    private var indexed = 0
    private var controlsInLast: UInt64 = 0

    /// How many bytes the text has.
    public private(set) var count = 0

    // Invariant: `bytes` has `capacity` + 64 bytes, and `words` five rows of `rowLength` words: the bitmaps.
    private static let padding = 64

    /// - Parameter capacity: the expected length of the text, in bytes.
    public init(capacity: Int = 16 * 1024) {
        self.capacity = (capacity + 63) & ~63
        bytes = .allocate(capacity: self.capacity + Self.padding)
        bytes.initialize(repeating: 0, count: self.capacity + Self.padding)
        words = .allocate(capacity: Self.rowLength(self.capacity) * 5)
    }

    /// Two words more than there are blocks: one ends every search, and eight bytes may be read at each of its bytes.
    private static func rowLength(_ capacity: Int) -> Int { capacity / 64 + 3 }

    private func row(_ number: Int) -> UnsafeMutablePointer<UInt64> { words + number * Self.rowLength(capacity) }

    private func bitmaps(from block: Int) -> tw_bitmaps {
        tw_bitmaps(
            quotes: row(0) + block, opens: row(1) + block, closes: row(2) + block, backslashes: row(3) + block,
            high: row(4) + block)
    }

    deinit {
        bytes.deallocate()
        words.deallocate()
    }

    /// Forgets the text.
    public func clear() {
        count = 0
        indexed = 0
        carry = tw_carry()
    }

    /// Room for more bytes after the present ones; at least `minimum`. Say with `commit` how many were written.
    public func reserve(_ minimum: Int) -> UnsafeMutableBufferPointer<UInt8> {
        if capacity - count < minimum { grow(to: count + minimum) }
        return UnsafeMutableBufferPointer(start: bytes + count, count: capacity - count)
    }

    /// Takes `length` bytes that were written to the room given by `reserve`.
    public func commit(_ length: Int) {
        count += length
    }

    /// Replaces the text.
    public func replace(with text: UnsafeRawBufferPointer) {
        clear()
        append(text)
    }

    public func append(_ text: UnsafeRawBufferPointer) {
        if capacity - count < text.count { grow(to: count + text.count) }
        if let base = text.baseAddress {
            UnsafeMutableRawPointer(bytes + count).copyMemory(from: base, byteCount: text.count)
        }
        count += text.count
    }

    /// Drops the first `length` bytes and the index; what remains is indexed anew, from outside a string.
    public func dropFirst(_ length: Int) {
        let rest = count - length
        if length > 0 { bytes.update(from: bytes + length, count: rest) }
        clear()
        count = rest
    }

    /// Drops all whole blocks that are indexed, and goes on from there as if they still stood before: what was dropped
    /// may end inside a string.
    ///
    /// - Returns: how many bytes were dropped.
    public func dropIndexed() -> Int {
        let dropped = indexed * 64
        let kept = carry
        dropFirst(dropped)
        carry = kept
        return dropped
    }

    /// The text with its index brought up to date.
    public func view() -> JSONView {
        // Whole blocks are indexed once; the part of a block at the end again when it has grown.
        let whole = count / 64
        if indexed < whole {
            tw_index(bytes + indexed * 64, whole - indexed, bitmaps(from: indexed), &carry)
            indexed = whole
        }
        var last = carry
        var sentinel = whole
        if count % 64 != 0 {
            (bytes + count).initialize(repeating: 0x7F, count: 64 - count % 64)
            tw_index(bytes + whole * 64, 1, bitmaps(from: whole), &last)
            sentinel += 1
        }
        controlsInLast = last.controls
        (bytes + sentinel * 64).initialize(to: 0)
        for word in sentinel...sentinel + 1 {
            row(0)[word] = ~0
            row(1)[word] = 0
            row(2)[word] = 0
            row(3)[word] = 0
            row(4)[word] = 0
        }
        return JSONView(
            bytes: bytes, quotes: row(0), opens: row(1), closes: row(2), backslashes: row(3), high: row(4),
            count: count,
            mayHoldControls: carry.controls | controlsInLast != 0)
    }

    private func grow(to needed: Int) {
        let larger = (max(needed, capacity * 2) + 63) & ~63
        let newBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + Self.padding)
        newBytes.initialize(repeating: 0, count: larger + Self.padding)
        newBytes.update(from: bytes, count: count)
        let newRow = Self.rowLength(larger)
        let newWords = UnsafeMutablePointer<UInt64>.allocate(capacity: newRow * 5)
        for number in 0..<5 { (newWords + number * newRow).update(from: row(number), count: indexed) }
        bytes.deallocate()
        words.deallocate()
        (bytes, words, capacity) = (newBytes, newWords, larger)
    }
}
