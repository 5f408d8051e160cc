internal import CZstd

/// Compression of stored events (zstd, at its quickest level).
enum Zstd {
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { target, count in
            count = ZSTD_compress(target.baseAddress, target.count, bytes, bytes.count, 1)
            precondition(ZSTD_isError(count) == 0)
        }
    }

    /// Nil when the data are damaged.
    static func decompress(_ bytes: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        var isWhole = false
        let text = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            let written = ZSTD_decompress(target.baseAddress, target.count, bytes.baseAddress, bytes.count)
            isWhole = ZSTD_isError(written) == 0 && written == size
            count = isWhole ? size : 0
        }
        return isWhole ? text : nil
    }
}
