internal import COpenSSL

/// The public half of an RSA key, to check signatures with (OpenSSL's libcrypto).
///
/// Immutable once made; libcrypto's keys may be used by several threads.
public final class VerifyingKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// A key in DER, of PKCS #1 or of X.509.
    public init?(der: [UInt8]) {
        let key = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var place = bytes.baseAddress
            if let key = d2i_PublicKey(EVP_PKEY_RSA, nil, &place, bytes.count) { return key }
            place = bytes.baseAddress
            return d2i_PUBKEY(nil, &place, bytes.count)
        }
        guard let key else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature` of `message` was made with the other half (PKCS #1, version 1.5, SHA-256).
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
