internal import CKernels

/// Bytes with the index of their JSON structure, in memory that is used again and again.
///
/// For one thread at a time. Grows to the longest text it has held; nothing is allocated otherwise.
///
/// Invariant: no method takes a closure that could call another one. So no access overlaps another, and none is checked
/// for it: the checks are felt with small files.
public final class IndexedText {
    @exclusivity(unchecked) private var bytes: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var capacity: Int
    @exclusivity(unchecked) private var words: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private var high: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var wordCapacity: Int
    @exclusivity(unchecked) private var carry = tw_carry()
    @exclusivity(unchecked) private var indexed = 0

    /// Memory of another owner that holds the text instead of `bytes`.
    @exclusivity(unchecked) private var lent: UnsafeMutablePointer<UInt8>?
    /// Where the text begins in that memory.
    @exclusivity(unchecked) private var first = 0
    /// How many bytes the text has.
    @exclusivity(unchecked) public private(set) var count = 0
    /// How many bytes lie behind the text in lent memory and are not shown yet.
    @exclusivity(unchecked) public private(set) var hidden = 0
    /// What stood behind the text where `view` has closed it, while there are hidden bytes.
    private let covered: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var coveredPlace = -1
    /// What views look through.
    private let index = UnsafeMutablePointer<JSONView.Index>.allocate(capacity: 1)

    // Invariant: `bytes` has `capacity` + `padding` bytes, `words` four rows of a word for each 64 bytes of `wordCapacity`,
    // and three more: the bitmaps; and `high` a byte for each of these blocks, and eight more.
    /// What may be written behind a text.
    public static let padding = 128

    /// - Parameter capacity: the expected length of the text, in bytes.
    public init(capacity: Int = 16 * 1024) {
        self.capacity = capacity
        wordCapacity = capacity
        bytes = .allocate(capacity: capacity + Self.padding)
        bytes.initialize(repeating: 0, count: capacity + Self.padding)
        words = .allocate(capacity: Self.rowLength(capacity) * 4)
        high = .allocate(capacity: Self.rowLength(capacity) + 8)
        covered = .allocate(capacity: Self.padding)
    }

    /// Two words more than there are blocks: one ends every search, and eight bytes may be read at each of its bytes.
    private static func rowLength(_ capacity: Int) -> Int { capacity / 64 + 3 }

    private func row(_ number: Int) -> UnsafeMutablePointer<UInt64> { words + number * Self.rowLength(wordCapacity) }

    private func bitmaps(from block: Int) -> tw_bitmaps {
        tw_bitmaps(
            quotes: row(0) + block, opens: row(1) + block, closes: row(2) + block, backslashes: row(3) + block,
            high: high + block)
    }

    deinit {
        bytes.deallocate()
        words.deallocate()
        high.deallocate()
        covered.deallocate()
        index.deallocate()
    }

    /// Forgets the text, and what is hidden.
    public func clear() {
        lent = nil
        first = 0
        count = 0
        hidden = 0
        coveredPlace = -1
        forgetIndex()
    }

    private func forgetIndex() {
        indexed = 0
        carry = tw_carry()
    }

    /// Room for more bytes after the present ones; at least `minimum`. Say with `commit` how many were written.
    public func reserve(_ minimum: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(lent == nil)
        if capacity - count < minimum { grow(to: count + minimum) }
        return UnsafeMutableBufferPointer(start: bytes + count, count: capacity - count)
    }

    /// Takes `length` bytes that were written to the room given by `reserve`.
    public func commit(_ length: Int) {
        count += length
    }

    /// Replaces the text by one that stays where it is, and of which nothing is shown yet: `show` does so piece by
    /// piece. So a long text is matched while it is in the cache, and none of it is moved.
    ///
    /// - Parameter text: lent until the next text comes; with `padding` bytes behind it that may be written.
    public func lend(_ text: UnsafeMutableBufferPointer<UInt8>) {
        clear()
        lent = text.baseAddress
        hidden = text.count
    }

    /// Adds up to `length` of the hidden bytes to the text, and gives their number.
    public func show(_ length: Int) -> Int {
        uncover()
        let shown = min(length, hidden)
        count += shown
        hidden -= shown
        return shown
    }

    private var memory: UnsafeMutablePointer<UInt8> { lent ?? bytes }

    /// Puts back what `view` wrote over.
    private func uncover() {
        guard coveredPlace >= 0 else { return }
        (memory + coveredPlace).update(from: covered, count: Self.padding)
        coveredPlace = -1
    }

    /// Replaces the text.
    public func replace(with text: UnsafeRawBufferPointer) {
        clear()
        append(text)
    }

    public func append(_ text: UnsafeRawBufferPointer) {
        let room = reserve(text.count)
        UnsafeMutableRawBufferPointer(room).copyMemory(from: text)
        commit(text.count)
    }

    /// Drops the first `length` bytes and the index; what remains is indexed anew, from outside a string.
    public func dropFirst(_ length: Int) {
        count -= length
        forgetIndex()
        if lent != nil {
            first += length
        } else if length > 0 {
            bytes.update(from: bytes + length, count: count)
        }
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
        uncover()
        reserveIndex()
        let bytes = memory + first
        if hidden > 0 {
            covered.update(from: bytes + count, count: Self.padding)
            coveredPlace = first + count
        }
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
        (bytes + sentinel * 64).initialize(to: 0)
        for word in sentinel...sentinel + 1 {
            row(0)[word] = ~0
            row(1)[word] = 0
            row(2)[word] = 0
            row(3)[word] = 0
        }
        index.initialize(
            to: JSONView.Index(
                bytes: bytes, quotes: row(0), opens: row(1), closes: row(2), backslashes: row(3), high: high,
                mayHoldControls: last.controls != 0))
        return JSONView(index: index, count: count)
    }

    private func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let newBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + Self.padding)
        newBytes.initialize(repeating: 0, count: larger + Self.padding)
        newBytes.update(from: bytes, count: count)
        bytes.deallocate()
        (bytes, capacity) = (newBytes, larger)
    }

    /// Room in the index for all of the text.
    private func reserveIndex() {
        guard count > wordCapacity else { return }
        let larger = max(count, wordCapacity * 2)
        let newRow = Self.rowLength(larger)
        let newWords = UnsafeMutablePointer<UInt64>.allocate(capacity: newRow * 4)
        for number in 0..<4 { (newWords + number * newRow).update(from: row(number), count: indexed) }
        let newHigh = UnsafeMutablePointer<UInt8>.allocate(capacity: newRow + 8)
        newHigh.update(from: high, count: indexed)
        words.deallocate()
        high.deallocate()
        (words, high, wordCapacity) = (newWords, newHigh, larger)
    }
}
