internal import CDeflate

/// Inflates a gzip file that lies in memory as a whole (libdeflate): quicker than piece by piece, above all for the many
/// small files of a trail.
///
/// For one thread at a time.
final class WholeInflater {
    private let decompressor = libdeflate_alloc_decompressor()

    /// The largest text that is inflated at once: larger than the log files that CloudTrail delivers as a rule, and
    /// memory that every thread of a scan may take.
    static let maximumText = 16 << 20

    deinit { libdeflate_free_decompressor(decompressor) }

    /// How long the text says it is, in the last four bytes of the file; nil when that can't be or is too long.
    static func textSize(_ file: UnsafeBufferPointer<UInt8>) -> Int? {
        guard file.count > 18 else { return nil }
        let size = (1...4).reduce(0) { $0 << 8 | Int(file[file.count - $1]) }
        // DEFLATE packs at most 1,032 to one.
        return size <= maximumText && size / 1032 <= file.count ? size : nil
    }

    /// Inflates a file of one member whose text has exactly the size of `text`. False when it is anything else, or
    /// damaged: then another reader says what is wrong with it.
    func inflate(_ file: UnsafeBufferPointer<UInt8>, to text: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        var used = 0
        let result = libdeflate_gzip_decompress_ex(
            decompressor, file.baseAddress, file.count, text.baseAddress, text.count, &used, nil)
        return result == LIBDEFLATE_SUCCESS && used == file.count
    }
}
