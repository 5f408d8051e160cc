internal import CDeflate
internal import CKernels
internal import JSONText

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Inflates a gzip file that lies in memory as a whole (libdeflate): quicker than piece by piece, above all for the many
/// small files of a trail.
///
/// For one thread at a time.
final class WholeInflater {
    private let decompressor = libdeflate_alloc_decompressor()
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// The largest text that is inflated at once: larger than the log files that CloudTrail delivers as a rule, and
    /// memory that every thread of a scan may take.
    private static let maximumText = 16 << 20
    private static let pageSize = 2 << 20

    deinit {
        libdeflate_free_decompressor(decompressor)
        memory.deallocate()
    }

    /// The text of a file of one member, valid until the next; with `IndexedText.padding` bytes behind it. Nil when the
    /// file is anything else, too large, or damaged: then another reader says what is wrong with it.
    func inflate(_ file: UnsafeBufferPointer<UInt8>) -> UnsafeMutableBufferPointer<UInt8>? {
        guard let size = Self.textSize(file), let start = Self.dataStart(file), let base = file.baseAddress else {
            return nil
        }
        if size + IndexedText.padding > memory.count { makeRoom(size + IndexedText.padding) }
        let trailer = file.count - 8
        var used = 0
        var written = 0
        let result = libdeflate_deflate_decompress_ex(
            decompressor, base + start, trailer - start, memory.baseAddress, size, &used, &written)
        guard result == LIBDEFLATE_SUCCESS, start + used == trailer, written == size else { return nil }
        let text = UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
        guard checksum32(UnsafeRawBufferPointer(text)) == Self.number(file, at: trailer) else { return nil }
        return text.bindMemory(to: UInt8.self)
    }

    /// Where the compressed data begin (RFC 1952, section 2.3); nil when the header is broken.
    private static func dataStart(_ file: UnsafeBufferPointer<UInt8>) -> Int? {
        guard file[0] == 0x1F, file[1] == 0x8B, file[2] == 8, file[3] & 0xE0 == 0 else { return nil }
        let flags = file[3]
        var start = 10
        if flags & 4 != 0 { start += 2 + Int(file[10]) + Int(file[11]) << 8 }
        // A name, and a comment, each with a zero behind it.
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            guard start < file.count, let end = file[start...].firstIndex(of: 0) else { return nil }
            start = end + 1
        }
        if flags & 2 != 0 { start += 2 }
        return start < file.count - 8 ? start : nil
    }

    private static func number(_ file: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(file[place + $1]) << UInt32(8 * $1) }
    }

    /// How long the text says it is, in the last four bytes of the file; nil when that can't be or is too long.
    private static func textSize(_ file: UnsafeBufferPointer<UInt8>) -> Int? {
        guard file.count > 18 else { return nil }
        let size = Int(number(file, at: file.count - 4))
        // DEFLATE packs at most 1,032 to one.
        return size <= maximumText && size / 1032 <= file.count ? size : nil
    }

    /// Large pages, where there are any, spare the faults and the page walks of many small ones.
    private func makeRoom(_ size: Int) {
        memory.deallocate()
        let whole = (size + Self.pageSize - 1) / Self.pageSize * Self.pageSize
        memory = .allocate(byteCount: whole, alignment: Self.pageSize)
        #if os(Linux)
            madvise(memory.baseAddress, whole, 14)  // MADV_HUGEPAGE, which not every libc names
        #endif
    }
}

/// The CRC-32 of a text (RFC 1952, section 8), at twice the rate of libdeflate 1.14 where the processor multiplies 256 bits:
/// most of the text is folded, and libdeflate's is that of what is left.
func checksum32(_ text: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = text.baseAddress else { return 0 }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { residue in
        let folded = tw_crc32_fold(base.assumingMemoryBound(to: UInt8.self), text.count, residue.baseAddress)
        // libdeflate takes and gives the register inverted: so this one begins with 0.
        let begin = folded > 0 ? libdeflate_crc32(~0, residue.baseAddress, 16) : 0
        return libdeflate_crc32(begin, base + folded, text.count - folded)
    }
}
