public import AWSCore
internal import Crypto
public import HTTP

/// The signature of a request: Signature Version 4, in a header or in the query of a presigned one (AWS General
/// Reference, "Signing AWS API requests").
public struct Signature: Sendable {
    public let accessKeyID: String
    /// `20261121`
    let day: String
    public let region: String
    public let service: String
    let signedHeaders: [String]
    let value: String
    /// `20261121T020014Z`
    let date: String
    let isPresigned: Bool
    let lifetime: Int

    /// Why a request is not let in. The words are those of AWS; the codes differ between protocols.
    public enum Fault: Error, Hashable, Sendable {
        case missing
        case incomplete(String)
        case unknownKey
        case mismatch
        case expired(String)
        case notYetCurrent(String)

        public func fault(in wireProtocol: WireProtocol?) -> AWSFault {
            let isQuery = wireProtocol == .query
            switch self {
            case .missing:
                return AWSFault(
                    "MissingAuthenticationTokenException",
                    isQuery
                        ? "Request is missing Authentication Token" : "Missing Authentication Token",
                    queryCode: "MissingAuthenticationToken", status: isQuery ? 403 : 400)
            case .incomplete(let words):
                return AWSFault("IncompleteSignatureException", words, queryCode: "IncompleteSignature")
            case .unknownKey:
                return AWSFault(
                    "UnrecognizedClientException", "The security token included in the request is invalid.",
                    queryCode: "InvalidClientTokenId", status: isQuery ? 403 : 400)
            case .mismatch:
                return AWSFault(
                    "InvalidSignatureException",
                    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                        + "Access Key and signing method. Consult the service documentation for details.",
                    queryCode: "SignatureDoesNotMatch", status: isQuery ? 403 : 400)
            case .expired(let words), .notYetCurrent(let words):
                return AWSFault(
                    "InvalidSignatureException", words, queryCode: "SignatureDoesNotMatch", status: isQuery ? 403 : 400)
            }
        }
    }

    /// Reads the signature of a request; nil when it has none.
    public init?(_ request: HTTPRequest) throws(Fault) {
        if let header = request.headers["authorization"] {
            guard header.hasPrefix("AWS4-HMAC-SHA256 ") else {
                throw .incomplete("The Authorization header must begin with AWS4-HMAC-SHA256.")
            }
            var fields: [String: String] = [:]
            for part in header.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ",") {
                let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
            }
            try self.init(
                credential: fields["Credential"], signedHeaders: fields["SignedHeaders"], value: fields["Signature"],
                date: request.headers["x-amz-date"], lifetime: nil)
        } else {
            let parameters = formParameters(request.query)
            func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
            guard parameter("X-Amz-Algorithm") == "AWS4-HMAC-SHA256" else { return nil }
            try self.init(
                credential: parameter("X-Amz-Credential"), signedHeaders: parameter("X-Amz-SignedHeaders"),
                value: parameter("X-Amz-Signature"), date: parameter("X-Amz-Date"),
                lifetime: parameter("X-Amz-Expires").flatMap { Int($0) } ?? 0)
        }
    }

    private init(
        credential: String?, signedHeaders: String?, value: String?, date: String?, lifetime: Int?
    ) throws(Fault) {
        guard let credential else { throw .incomplete("Authorization header requires 'Credential' parameter.") }
        guard let signedHeaders else { throw .incomplete("Authorization header requires 'SignedHeaders' parameter.") }
        guard let value else { throw .incomplete("Authorization header requires 'Signature' parameter.") }
        guard let date else {
            throw .incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        let parts = credential.split(separator: "/").map(String.init)
        guard parts.count == 5, parts[4] == "aws4_request" else {
            throw .incomplete("Credential must have exactly 5 slash-delimited elements.")
        }
        (accessKeyID, day, region, service) = (parts[0], parts[1], parts[2], parts[3])
        self.signedHeaders = signedHeaders.split(separator: ";").map { $0.lowercased() }
        self.value = value
        self.date = date
        isPresigned = lifetime != nil
        self.lifetime = lifetime ?? 0
    }

    /// How far clocks may differ, in seconds.
    private static let skew: Int64 = 15 * 60

    /// Checks the request against the secret of its key, and its date against the present time.
    public func verify(_ request: HTTPRequest, secret: String, at now: Timestamp) throws(Fault) {
        guard let signed = Self.instant(date), date.hasPrefix(day) else {
            throw .incomplete(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
        }
        let early = now.advanced(bySeconds: -(isPresigned ? Int64(min(lifetime, 604_800)) : Self.skew))
        let late = now.advanced(bySeconds: Self.skew)
        guard signed >= early else {
            throw .expired(
                "Signature expired: \(date) is now earlier than \(Self.text(early)) (\(Self.text(now)) - 15 min.)")
        }
        guard signed <= late else {
            throw .notYetCurrent(
                "Signature not yet current: \(date) is still later than \(Self.text(late)) (\(Self.text(now)) + 15 min.)"
            )
        }
        // Whatever AWS reads of a request must be under the signature.
        for name in request.headers.keys where name == "host" || name.hasPrefix("x-amz-") {
            guard signedHeaders.contains(name) || name == "x-amzn-trace-id" else { throw .mismatch }
        }
        let said = request.headers["x-amz-content-sha256"]
        let isChunked = said == ChunkedBody.contentHash
        let bodyHash = isChunked ? ChunkedBody.contentHash : hex(SHA256.hash(request.body))
        // Only S3 takes bodies that no signature covers.
        guard said == nil || said == bodyHash else { throw .mismatch }
        let expected = expectedValue(request, bodyHash: bodyHash, secret: secret)
        guard equalsInConstantTime(Array(expected.utf8), Array(value.utf8)) else { throw .mismatch }
        guard isChunked else { return }
        guard let body = ChunkedBody(request.body) else {
            throw .incomplete("The body is not in chunks, as x-amz-content-sha256 says.")
        }
        try verify(body, secret: secret)
    }

    var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

    private func expectedValue(_ request: HTTPRequest, bodyHash: String, secret: String) -> String {
        let canonical = canonicalRequest(request, bodyHash: bodyHash)
        let toSign = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(hex(SHA256.hash(canonical.utf8)))"
        return hex(SHA256.authenticate(Array(toSign.utf8), key: signingKey(secret)))
    }

    func signingKey(_ secret: String) -> [UInt8] {
        var key = Array("AWS4\(secret)".utf8)
        for part in [day, region, service, "aws4_request"] { key = SHA256.authenticate(Array(part.utf8), key: key) }
        return key
    }

    private func canonicalRequest(_ request: HTTPRequest, bodyHash: String) -> String {
        let path = request.path.isEmpty ? "/" : request.path
        let query = formParameters(request.query).filter { $0.name != "X-Amz-Signature" }
            .map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.sorted().joined(separator: "&")
        var text = "\(request.method)\n\(percentEncoded(decodePath(path), keeping: "/"))\n\(query)\n"
        for name in signedHeaders {
            let value = request.headers[name, default: ""].split(separator: " ").joined(separator: " ")
            text += "\(name):\(value)\n"
        }
        return text + "\n\(signedHeaders.joined(separator: ";"))\n\(bodyHash)"
    }

    private func decodePath(_ path: String) -> String {
        decodeForm(path.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B"))
    }

    private static func instant(_ date: String) -> Timestamp? {
        let d = Array(date)
        guard d.count == 16, d[8] == "T", d[15] == "Z" else { return nil }
        return Timestamp(
            "\(String(d[0..<4]))-\(String(d[4..<6]))-\(String(d[6..<8]))T\(String(d[9..<11])):\(String(d[11..<13])):"
                + "\(String(d[13..<15]))Z")
    }

    private static func text(_ time: Timestamp) -> String {
        Timestamp(seconds: time.seconds).description.filter { $0 != "-" && $0 != ":" }
    }
}

extension Signature {
    /// What `x-amz-content-sha256` says of a body.
    public static func hash(of body: [UInt8]) -> String { hex(SHA256.hash(body)) }

    /// The headers that sign a request: `authorization` and `x-amz-date`.
    public static func headers(
        for request: HTTPRequest, accessKeyID: String, secret: String, sessionToken: String? = nil, region: String,
        service: String, at now: Timestamp
    ) -> [(name: String, value: String)] {
        var request = request
        let date = text(now)
        request.headers["x-amz-date"] = date
        if let sessionToken { request.headers["x-amz-security-token"] = sessionToken }
        let names = request.headers.keys.filter { $0 == "host" || $0 == "content-type" || $0.hasPrefix("x-amz-") }
            .sorted()
        let draft = Signature(
            accessKeyID: accessKeyID, day: String(date.prefix(8)), region: region, service: service,
            signedHeaders: names, date: date)
        let value = draft.expectedValue(request, bodyHash: hex(SHA256.hash(request.body)), secret: secret)
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(draft.scope), SignedHeaders=\(names.joined(separator: ";")), "
            + "Signature=\(value)"
        var headers = [(name: "authorization", value: authorization), (name: "x-amz-date", value: date)]
        if let sessionToken { headers.append(("x-amz-security-token", sessionToken)) }
        return headers
    }

    private init(
        accessKeyID: String, day: String, region: String, service: String, signedHeaders: [String], date: String
    ) {
        self.accessKeyID = accessKeyID
        self.day = day
        self.region = region
        self.service = service
        self.signedHeaders = signedHeaders
        self.date = date
        value = ""
        isPresigned = false
        lifetime = 0
    }
}
