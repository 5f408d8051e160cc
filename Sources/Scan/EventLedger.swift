internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Counts how many events were seen more than once, in bounded memory.
///
/// Of each event a 64-bit fingerprint of its `eventID` is kept, sorted into partitions by its top bits. Beyond a bound
/// the partitions go to a temporary file without a name; at the end they are counted one by one. Two different events
/// fall on one fingerprint once in 10¹⁹ pairs: for a hundred million events, with a probability of 0.03 per cent.
final class EventLedger: Sendable {
    static let partitionCount = 256
    /// Fingerprints kept in memory, by all threads together: 32 MB.
    private static let memoryLimit = 4 << 20
    /// Room for the fingerprints of one partition, taken at once lest it grow step by step under the lock: 2 MB for all, of
    /// which memory is used only as far as it is filled.
    private static let usualCount = 1024

    private struct Storage {
        var partitions = [[UInt64]](repeating: [], count: partitionCount)
        var inMemory = 0
        var total = 0
        var file: Int32 = -1
        var fileEnd = 0
        /// For each partition the stretches it has in the file, in bytes.
        var spilled = [[Range<Int>]](repeating: [], count: partitionCount)
    }

    private let storage = Mutex(Storage())

    /// Takes the fingerprints that a thread has gathered.
    func add(_ fingerprints: UnsafeBufferPointer<UInt64>, partition: Int) {
        storage.withLock { storage in
            if storage.partitions[partition].isEmpty {
                storage.partitions[partition].reserveCapacity(Self.usualCount)
            }
            storage.partitions[partition].append(contentsOf: fingerprints)
            storage.inMemory += fingerprints.count
            storage.total += fingerprints.count
            if storage.inMemory >= Self.memoryLimit { Self.spill(&storage) }
        }
    }

    private static func spill(_ storage: inout Storage) {
        if storage.file < 0 {
            let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            var template = Array("\(folder)/trailwarden-XXXXXX".utf8CString)
            storage.file = mkstemp(&template)
            // Without a temporary file the ledger goes on in memory.
            guard storage.file >= 0 else { return }
            unlink(template)
        }
        for partition in 0..<partitionCount where !storage.partitions[partition].isEmpty {
            let written = storage.partitions[partition].withUnsafeBytes {
                writeAll(storage.file, $0, at: storage.fileEnd)
            }
            guard written else { return }
            let length = storage.partitions[partition].count * 8
            storage.spilled[partition].append(storage.fileEnd..<storage.fileEnd + length)
            storage.fileEnd += length
            storage.inMemory -= storage.partitions[partition].count
            storage.partitions[partition].removeAll(keepingCapacity: true)
        }
    }

    private static func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = pwrite(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// How many of the events had been seen before. Ends the ledger.
    func countDuplicates() -> Int {
        storage.withLock { storage in
            defer { if storage.file >= 0 { close(storage.file) } }
            var distinct = 0
            var table: [UInt64] = []
            for partition in 0..<Self.partitionCount {
                var fingerprints = storage.partitions[partition]
                storage.partitions[partition] = []
                for stretch in storage.spilled[partition] {
                    let read = Self.readBack(storage.file, stretch)
                    // What the file does not give back can't be judged, and is left out on both sides.
                    storage.total -= stretch.count / 8 - read.count
                    fingerprints += read
                }
                distinct += Self.countDistinct(fingerprints, &table)
            }
            return storage.total - distinct
        }
    }

    private static func readBack(_ file: Int32, _ stretch: Range<Int>) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: stretch.count / 8) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var done = 0
            while done < stretch.count {
                let got = pread(
                    file, bytes.baseAddress.map { $0 + done }, stretch.count - done, off_t(stretch.lowerBound + done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                done += got
            }
            count = done / 8
        }
    }

    private static func countDistinct(_ fingerprints: [UInt64], _ table: inout [UInt64]) -> Int {
        var size = 16
        while size < fingerprints.count * 2 { size *= 2 }
        // No fingerprint is 0, so 0 marks a free place.
        table = [UInt64](repeating: 0, count: size)
        var distinct = 0
        table.withUnsafeMutableBufferPointer { table in
            for fingerprint in fingerprints {
                var place = Int(truncatingIfNeeded: fingerprint) & (size - 1)
                while table[place] != 0, table[place] != fingerprint { place = (place + 1) & (size - 1) }
                if table[place] == 0 {
                    table[place] = fingerprint
                    distinct += 1
                }
            }
        }
        return distinct
    }

    /// The fingerprint of an event id; never 0.
    static func fingerprint(_ id: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let base = id.baseAddress else { return 1 }
        // Two independent lanes over eight bytes at a time, mixed at the end.
        var a: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(id.count)
        var place = 0
        while place < id.count {
            var word: UInt64 = 0
            if place + 8 <= id.count {
                word = UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self)
            } else {
                for i in place..<id.count { word = word << 8 | UInt64(id[i]) }
            }
            let product = (a ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            a = product.high ^ product.low &+ word &* 0xA076_1D64_78BD_642F
            place += 8
        }
        a = (a ^ a >> 32) &* 0xE703_7ED1_A0B4_28DB
        a ^= a >> 29
        return a == 0 ? 1 : a
    }
}

/// The fingerprints a thread has gathered and not yet handed to the ledger.
struct LedgerBuffer: ~Copyable {
    private static let size = 128
    private let entries: UnsafeMutablePointer<UInt64>
    private let counts: UnsafeMutablePointer<Int32>
    private let ledger: EventLedger

    init(_ ledger: EventLedger) {
        self.ledger = ledger
        entries = .allocate(capacity: EventLedger.partitionCount * Self.size)
        counts = .allocate(capacity: EventLedger.partitionCount)
        counts.initialize(repeating: 0, count: EventLedger.partitionCount)
    }

    deinit {
        entries.deallocate()
        counts.deallocate()
    }

    @inline(__always)
    func add(_ fingerprint: UInt64) {
        let partition = Int(fingerprint &>> 56)
        let count = Int(counts[partition])
        entries[partition &* Self.size &+ count] = fingerprint
        counts[partition] = Int32(truncatingIfNeeded: count &+ 1)
        if count &+ 1 == Self.size { flush(partition) }
    }

    private func flush(_ partition: Int) {
        let count = Int(counts[partition])
        guard count > 0 else { return }
        ledger.add(UnsafeBufferPointer(start: entries + partition * Self.size, count: count), partition: partition)
        counts[partition] = 0
    }

    /// Hands over what is left.
    func finish() {
        for partition in 0..<EventLedger.partitionCount { flush(partition) }
    }
}
