internal import COpenSSL

/// An RSA key with a certificate of its own, to sign messages with (OpenSSL's libcrypto).
///
/// Immutable once made; libcrypto's keys may be used by several threads.
public final class SigningKey: @unchecked Sendable {
    public enum Digest: Sendable { case sha1, sha256 }

    private let key: OpaquePointer
    /// PEM, of PKCS #8.
    public let privateText: String
    /// PEM, of X.509.
    public let certificateText: String

    /// A new key of 2,048 bits, with a certificate for ten years that it has signed itself.
    public init?(commonName: String) {
        guard let key = tw_rsa_generate(2048), let certificate = Self.certificate(key, commonName) else { return nil }
        defer { X509_free(certificate) }
        self.key = key
        privateText = Self.text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        certificateText = Self.text { PEM_write_bio_X509($0, certificate) }
    }

    /// A key kept as text.
    public init?(privateText: String, certificateText: String) {
        var bytes = Array(privateText.utf8)
        let source = BIO_new_mem_buf(&bytes, Int32(bytes.count))
        defer { BIO_free(source) }
        guard let key = PEM_read_bio_PrivateKey(source, nil, nil, nil) else { return nil }
        self.key = key
        self.privateText = privateText
        self.certificateText = certificateText
    }

    deinit { EVP_PKEY_free(key) }

    /// The signature of `message` (PKCS #1, version 1.5).
    public func sign(_ message: [UInt8], _ digest: Digest) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let method = digest == .sha1 ? EVP_sha1() : EVP_sha256()
        guard EVP_DigestSignInit(context, nil, method, nil, key) == 1 else { return [] }
        var length = 0
        guard EVP_DigestSign(context, nil, &length, message, message.count) == 1 else { return [] }
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else { return [] }
        return Array(signature.prefix(length))
    }

    /// Whether `signature` of `message` was made with the key of a certificate.
    public static func isValid(
        _ signature: [UInt8], of message: [UInt8], _ digest: Digest, certificate text: String
    ) -> Bool {
        var bytes = Array(text.utf8)
        let source = BIO_new_mem_buf(&bytes, Int32(bytes.count))
        defer { BIO_free(source) }
        guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return false }
        defer { X509_free(certificate) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let method = digest == .sha1 ? EVP_sha1() : EVP_sha256()
        guard EVP_DigestVerifyInit(context, nil, method, nil, X509_get0_pubkey(certificate)) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func certificate(_ key: OpaquePointer, _ commonName: String) -> OpaquePointer? {
        guard let certificate = X509_new() else { return nil }
        X509_set_version(certificate, 2)
        let serial = BN_bin2bn(randomBytes(16), 16, nil)
        BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate))
        BN_free(serial)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * 365 * 86_400)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else {
            X509_free(certificate)
            return nil
        }
        return certificate
    }

    private static let MBSTRING_UTF8: Int32 = 0x1000

    private static func text(_ write: (OpaquePointer?) -> Int32) -> String {
        let target = BIO_new(BIO_s_mem())
        defer { BIO_free(target) }
        _ = write(target)
        var bytes = [UInt8](repeating: 0, count: Int(tw_bio_pending(target)))
        let count = BIO_read(target, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
