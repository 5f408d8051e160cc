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

    /// Fills `text` with what was compressed; false when the data are damaged.
    static func decompress(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) -> Bool {
        if bytes.count == text.count {
            text.copyMemory(from: bytes)
            return true
        }
        return ZSTD_decompress(text.baseAddress, text.count, bytes.baseAddress, bytes.count) == text.count
    }
}
