internal import CDeflate
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
        guard let size = Self.textSize(file) else { return nil }
        if size + IndexedText.padding > memory.count { makeRoom(size + IndexedText.padding) }
        var used = 0
        let result = libdeflate_gzip_decompress_ex(
            decompressor, file.baseAddress, file.count, memory.baseAddress, size, &used, nil)
        guard result == LIBDEFLATE_SUCCESS, used == file.count else { return nil }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<size]).bindMemory(to: UInt8.self)
    }

    /// How long the text says it is, in the last four bytes of the file; nil when that can't be or is too long.
    private static func textSize(_ file: UnsafeBufferPointer<UInt8>) -> Int? {
        guard file.count > 18 else { return nil }
        let size = (1...4).reduce(0) { $0 << 8 | Int(file[file.count - $1]) }
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
