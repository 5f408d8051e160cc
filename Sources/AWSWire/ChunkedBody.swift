internal import Crypto

/// A body sent in signed chunks: `content-encoding: aws-chunked` with `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` (Amazon S3
/// API Reference, "Signature calculations for the Authorization header: transferring payload in multiple chunks").
///
/// Each chunk is `length;chunk-signature=signature`, a line break, its bytes, a line break; the last one is empty.
public struct ChunkedBody {
    /// What stands for the hash of such a body.
    public static let contentHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"

    struct Chunk {
        var bytes: ArraySlice<UInt8>
        var signature: String
    }

    let chunks: [Chunk]

    /// Nil when the body is no such body, or is not whole.
    public init?(_ body: [UInt8]) {
        var chunks: [Chunk] = []
        var rest = body[...]
        func takeLine() -> String? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\r")), end + 1 < rest.endIndex,
                rest[end + 1] == UInt8(ascii: "\n")
            else { return nil }
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 2)...]
            return line
        }
        repeat {
            guard let head = takeLine() else { return nil }
            let parts = head.split(separator: ";", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("chunk-signature="), let length = Int(parts[0], radix: 16),
                length >= 0, rest.count >= length
            else { return nil }
            let bytes = rest.prefix(length)
            rest = rest.dropFirst(length)
            guard takeLine() == "" else { return nil }
            chunks.append(Chunk(bytes: bytes, signature: String(parts[1].dropFirst("chunk-signature=".count))))
        } while chunks.last?.bytes.isEmpty == false
        guard rest.isEmpty else { return nil }
        self.chunks = chunks
    }

    /// What was sent.
    public var bytes: [UInt8] { chunks.flatMap(\.bytes) }
}

extension Signature {
    /// Checks the signature of each chunk, which covers that of the one before; the first covers the request's.
    func verify(_ body: ChunkedBody, secret: String) throws(Fault) {
        var previous = value
        let key = signingKey(secret)
        for chunk in body.chunks {
            let text =
                "AWS4-HMAC-SHA256-PAYLOAD\n\(date)\n\(scope)\n\(previous)\n\(hex(SHA256.hash([])))\n"
                + hex(SHA256.hash(Array(chunk.bytes)))
            let expected = hex(SHA256.authenticate(Array(text.utf8), key: key))
            guard equalsInConstantTime(Array(expected.utf8), Array(chunk.signature.utf8)) else { throw .mismatch }
            previous = expected
        }
    }
}
