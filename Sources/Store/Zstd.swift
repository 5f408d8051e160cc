internal import CZstd

/// Compression of stored events (zstd, at its quickest level).
enum Zstd {
    /// Texts that are shorter are kept as they are: a context costs more to set up than there is to gain.
    private static let shortest = 4096

    /// The bytes compressed, or as they are where that is not worth its time.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= shortest else { return bytes }
        let packed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { target, count in
            let written = ZSTD_compress(target.baseAddress, target.count, bytes, bytes.count, 1)
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        // Nothing that is kept as it is may have the length of its text otherwise.
        return packed.isEmpty || packed.count >= bytes.count ? bytes : packed
    }

    /// Nil when the data are damaged.
    static func decompress(_ bytes: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        if bytes.count == size { return Array(bytes) }
        var isWhole = false
        let text = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            let written = ZSTD_decompress(target.baseAddress, target.count, bytes.baseAddress, bytes.count)
            isWhole = ZSTD_isError(written) == 0 && written == size
            count = isWhole ? size : 0
        }
        return isWhole ? text : nil
    }
}
