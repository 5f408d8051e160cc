/// Owns the tables of a machine. The tables themselves are plain pointers into it, so that reading them counts no
/// references.
final class MemoryPool: @unchecked Sendable {
    // Invariant: only `init`s that build a machine add to the pool; afterwards nothing changes.
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// A copy of `elements`, with `padding` entries of `filler` after the last that may be read.
    func array<Element: BitwiseCopyable>(
        _ elements: [Element], padding: Int = 0, filler: Element? = nil
    ) -> UnsafePointer<Element> {
        let base = UnsafeMutablePointer<Element>.allocate(capacity: elements.count + padding + 1)
        base.initialize(from: elements, count: elements.count)
        if let filler { (base + elements.count).initialize(repeating: filler, count: padding + 1) }
        blocks.append(UnsafeMutableRawPointer(base))
        return UnsafePointer(base)
    }

    /// A copy of `value`.
    func value<Value: BitwiseCopyable>(_ value: Value) -> UnsafePointer<Value> { array([value]) }
}

/// A list that keeps its memory when it is emptied.
struct ScratchList<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int = 16) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        base[count] = element
        count &+= 1
    }

    @inline(__always)
    mutating func removeAll() { count = 0 }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}

/// As many entries as a machine needs, all zero at first.
struct ScratchArray<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int, _ zero: Element) {
        self.count = count
        base = .allocate(capacity: count + 1)
        base.initialize(repeating: zero, count: count + 1)
    }

    deinit { base.deallocate() }
}

/// Bytes that live until the next event, handed out one after the other.
struct Arena: ~Copyable {
    private var chunk: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var used = 0
    /// Chunks that became too small during this event.
    private var full: [UnsafeMutablePointer<UInt8>] = []

    init(capacity: Int = 4096) {
        self.capacity = capacity
        chunk = .allocate(capacity: capacity)
    }

    deinit {
        chunk.deallocate()
        for old in full { old.deallocate() }
    }

    @inline(__always)
    mutating func reset() {
        if used > 0 { empty() }
    }

    private mutating func empty() {
        used = 0
        for old in full { old.deallocate() }
        full.removeAll(keepingCapacity: true)
    }

    /// Room for `count` bytes, with eight more that may be read after them.
    mutating func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if used + count + 8 > capacity {
            full.append(chunk)
            capacity = max(capacity * 2, count + 8)
            chunk = .allocate(capacity: capacity)
            used = 0
        }
        defer { used += count + 8 }
        return chunk + used
    }
}

/// Eight bytes as a number, whatever their alignment.
@inline(__always)
func load8(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
}

@inline(__always)
func load4(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
}

/// Whether `count` bytes are equal. May read up to eight bytes past the end of both.
@inline(__always)
func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var place = 0
    while place &+ 8 <= count {
        if load8(a + place) != load8(b + place) { return false }
        place &+= 8
    }
    let rest = count &- place
    if rest == 0 { return true }
    return (load8(a + place) ^ load8(b + place)) &<< UInt64(truncatingIfNeeded: 64 &- rest &* 8) == 0
}

/// A hash of `count` bytes. May read up to eight bytes past the end.
@inline(__always)
func byteHash(_ bytes: UnsafePointer<UInt8>, _ count: Int, seed: UInt64 = 0) -> UInt64 {
    count <= 32 ? shortHash(bytes, count, seed) : longHash(bytes, count, seed)
}

/// That of up to 32 bytes, without a branch on their number, which nobody can foresee: the first 16 and the last 16,
/// which overlap.
@inline(__always)
private func shortHash(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ seed: UInt64) -> UInt64 {
    let last = max(count &- 8, 0)
    // Of fewer than eight bytes, those behind them are shifted out; of none, all.
    let excess = UInt64(truncatingIfNeeded: min(max(8 &- count, 0), 7) &* 8)
    let keep: UInt64 = count > 0 ? ~0 : 0
    let a = load8(bytes) &<< excess & keep
    let b = load8(bytes + min(8, last)) &<< excess & keep
    let c = load8(bytes + max(last &- 8, 0)) &<< excess & keep
    let d = load8(bytes + last) &<< excess & keep
    let first = (a ^ seed &* 0xA076_1D64_78BD_642F ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
    let second = (b ^ first &>> 32) &* 0xFF51_AFD7_ED55_8CCD
    let third = (c ^ 0xD6E8_FEB8_6659_FD93) &* 0xE703_7ED1_A0B4_28DB
    let fourth = (d ^ third &>> 32) &* 0x9FB2_1C65_1E98_DF25
    let state = (first &+ second ^ third &+ fourth &* 0xC2B2_AE3D_27D4_EB4F) &* 0xFF51_AFD7_ED55_8CCD
    return state ^ state &>> 29
}

private func longHash(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ seed: UInt64) -> UInt64 {
    var state = (UInt64(truncatingIfNeeded: count) ^ seed &* 0xA076_1D64_78BD_642F) &* 0x9E37_79B9_7F4A_7C15
    var place = 0
    while place &+ 8 <= count {
        state = (state ^ load8(bytes + place)) &* 0xFF51_AFD7_ED55_8CCD
        state ^= state &>> 32
        place &+= 8
    }
    let rest = count &- place
    if rest > 0 {
        let last = load8(bytes + place) &<< UInt64(truncatingIfNeeded: 64 &- rest &* 8)
        state = (state ^ last) &* 0xFF51_AFD7_ED55_8CCD
        state ^= state &>> 29
    }
    return state
}

extension [UInt8] {
    /// The hash of the bytes, as the machine computes it.
    func machineHash(seed: UInt64 = 0) -> UInt64 {
        let padded = self + [UInt8](repeating: 0, count: 8)
        return padded.withUnsafeBufferPointer { $0.baseAddress.map { byteHash($0, count, seed: seed) } ?? 0 }
    }
}
