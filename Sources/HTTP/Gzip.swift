internal import CDeflate

/// Bodies sent with `Content-Encoding: gzip` (libdeflate).
public enum Gzip {
    /// Nil when the data are damaged or longer than `limit` bytes.
    public static func inflate(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        guard bytes.count > 18 else { return nil }
        let said = (1...4).reduce(0) { $0 << 8 | Int(bytes[bytes.count - $1]) }
        guard said <= limit else { return nil }
        let decompressor = libdeflate_alloc_decompressor()
        defer { libdeflate_free_decompressor(decompressor) }
        var text = [UInt8](repeating: 0, count: said)
        var written = 0
        let result = libdeflate_gzip_decompress(decompressor, bytes, bytes.count, &text, said, &written)
        return result == LIBDEFLATE_SUCCESS && written == said ? text : nil
    }
}
