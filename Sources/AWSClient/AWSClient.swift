public import AWSCore
internal import AWSWire
internal import HTTP
public import WireValues

/// Calls operations of AWS's APIs, signed, at AWS or at another endpoint.
public final class AWSClient: Sendable {
    /// Why a call gave no output.
    public struct Failure: Error, Hashable, Sendable {
        /// The error's code, as in `AccessDenied`; empty when there was no answer.
        public var code: String
        public var message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    private let endpoints: Endpoints
    /// Nil for calls that nobody signs.
    private let credentials: CredentialsCache?
    private let clock: any WallClock
    private let pause: @Sendable (Double) -> Void
    private let web = HTTPClient(timeout: 60, largestAnswer: 512 << 20, usesProxies: true, keepsConnections: true) {
        _ in
        true
    }

    /// - Parameters:
    ///   - pause: waits so many seconds before a call is tried again.
    public init(
        endpoints: Endpoints, credentials: Credentials?, clock: any WallClock,
        pause: @escaping @Sendable (Double) -> Void
    ) {
        self.endpoints = endpoints
        self.credentials = credentials.map { CredentialsCache($0) { nil } }
        self.clock = clock
        self.pause = pause
    }

    /// A client that lives longer than its credentials.
    ///
    /// - Parameter renew: gives new credentials when those that there are have nearly ended; nil keeps them.
    public init(
        endpoints: Endpoints, credentials: Credentials, renew: @escaping @Sendable () -> Credentials?,
        clock: any WallClock, pause: @escaping @Sendable (Double) -> Void
    ) {
        self.endpoints = endpoints
        self.credentials = CredentialsCache(credentials, renew: renew)
        self.clock = clock
        self.pause = pause
    }

    /// How a service is spoken to.
    private enum Dialect {
        case json(target: String, version: String = "1.1")
        case query(version: String)
        /// By methods and paths, JSON or XML in the body.
        case rest
    }

    private static let dialects: [String: Dialect] = [
        "logs": .json(target: "Logs_20140328"), "cloudtrail": .json(target: "CloudTrail_20131101"),
        "trailwarden": .json(target: "Trailwarden_20261121"),
        "monitoring": .query(version: "2010-08-01"), "sns": .query(version: "2010-03-31"),
        "sts": .query(version: "2011-06-15"), "iam": .query(version: "2010-05-08"),
        "sqs": .json(target: "AmazonSQS", version: "1.0"), "account": .rest, "s3": .rest, "securityhub": .rest,
    ]

    private static let attempts = 6

    /// Waits so many seconds, as between attempts.
    public func wait(_ seconds: Double) { pause(seconds) }

    /// Calls an operation. Tries again, later each time, when the service is throttling or out of order.
    ///
    /// - Parameter service: its name in signatures: `logs`, `cloudtrail`, `monitoring`, `sns`, `sts`, `iam`, `account`, `s3`
    ///   or `securityhub`.
    public func call(
        _ service: String, _ operation: String, _ input: WireValue = .empty, region: String
    ) throws(Failure) -> WireValue {
        var attempt = 1
        while true {
            do throws(Failure) {
                return try callOnce(service, operation, input, region)
            } catch {
                guard attempt < Self.attempts, Self.isPassing(error) else { throw error }
                // Twice as long each time, with chance in it, lest all who were throttled come back together.
                pause(Double.random(in: 0.5...1) * 0.2 * Double(1 << attempt))
                attempt += 1
            }
        }
    }

    private static func isPassing(_ failure: Failure) -> Bool {
        let codes = [
            "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
            "RequestLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "InternalFailure",
            "InternalServerError", "503", "500", "502", "504", "429",
        ]
        return codes.contains(failure.code)
    }

    private func callOnce(
        _ service: String, _ operation: String, _ input: WireValue, _ region: String
    ) throws(Failure) -> WireValue {
        guard let dialect = Self.dialects[service] else {
            throw Failure(code: "", message: "there is no client for \(service)")
        }
        guard service != "trailwarden" || endpoints[service] != nil else {
            throw Failure(code: "", message: "AWS has no service of that name")
        }
        // It stands in the address of the service.
        guard Scope.isRegion(region) else { throw Failure(code: "", message: "`\(region)` is no region") }
        let region = Self.home(of: service, region)
        let url = endpoints[service] ?? Self.address(of: service, region)
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "http:" || parts[0] == "https:", parts[1].isEmpty else {
            throw Failure(code: "", message: "`\(url)` is no endpoint: write it as in http://127.0.0.1:4599")
        }
        var headers = ["host": String(parts[2].prefix { $0 != "/" })]
        var (method, path) = ("POST", "/")
        let body: [UInt8]
        switch dialect {
        case .json(let target, let version):
            headers["content-type"] = "application/x-amz-json-\(version)"
            headers["x-amz-target"] = "\(target).\(operation)"
            body = Array(JSONWire.text(input).utf8)
        case .query(let version):
            headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
            let fields = [("Action", operation), ("Version", version)] + Self.fields(input, "")
            body = Array(fields.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&").utf8)
        case .rest:
            guard let request = RESTRequest(operation, input) else {
                throw Failure(code: "", message: "there is no client for \(service) \(operation)")
            }
            (method, path, body) = (request.method, request.path, request.body)
            if let type = request.contentType { headers["content-type"] = type }
            // S3 wants to know it beforehand.
            if service == "s3" { headers["x-amz-content-sha256"] = Signature.hash(of: body) }
        }
        var signed: [(name: String, value: String)] = []
        if let credentials = credentials?.present(at: clock.now) {
            signed = Signature.headers(
                for: HTTPRequest(method: method, target: path, headers: headers, body: body),
                accessKeyID: credentials.accessKeyID, secret: credentials.secret,
                sessionToken: credentials.sessionToken, region: region, service: service, at: clock.now)
        }
        let answer: HTTPClient.Answer
        do throws(HTTPClient.TransferError) {
            answer = try web.send(
                method, url + path, headers: headers.map { (name: $0.key, value: $0.value) } + signed, body: body)
        } catch {
            throw Failure(code: "", message: "\(url): \(error.description)")
        }
        return try Self.read(answer, dialect, operation)
    }

    /// Where services live that have one endpoint for all regions.
    private static func home(of service: String, _ region: String) -> String {
        ["iam", "account"].contains(service) && Scope(account: "", region: region).partition == "aws"
            ? "us-east-1" : region
    }

    private static func address(of service: String, _ region: String) -> String {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return service == "iam" && region == "us-east-1"
            ? "https://iam.\(domain)" : "https://\(service).\(region).\(domain)"
    }

    private static func read(
        _ answer: HTTPClient.Answer, _ dialect: Dialect, _ operation: String
    ) throws(Failure) -> WireValue {
        if operation == "GetObject", (200..<300).contains(answer.status) { return object(answer) }
        let text = String(decoding: answer.body, as: UTF8.self)
        switch dialect {
        case .json:
            // Operations without output answer with nothing.
            let output = answer.body.isEmpty ? WireValue.empty : JSONWire.parse(answer.body)
            if answer.status == 200, let output { return output }
            throw Self.failure(answer.status, text)
        case .rest:
            if (200..<300).contains(answer.status) {
                if answer.body.first == UInt8(ascii: "<") { return QueryXML.document(text) ?? .empty }
                return answer.body.isEmpty ? .empty : JSONWire.parse(answer.body) ?? .empty
            }
            if let error = QueryXML.error(text) { throw Failure(code: error.code, message: error.message) }
            throw Self.failure(answer.status, text)
        case .query:
            if answer.status == 200, let result = QueryXML.result(text, of: operation) { return result }
            if let error = QueryXML.error(text) { throw Failure(code: error.code, message: error.message) }
            throw Self.failure(answer.status, text)
        }
    }

    /// An object, with what its writer said of it.
    private static func object(_ answer: HTTPClient.Answer) -> WireValue {
        let prefix = "x-amz-meta-"
        let metadata = answer.headers.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
        return [
            "Body": .blob(answer.body), "Metadata": WireValue(Dictionary(uniqueKeysWithValues: metadata)),
        ]
    }

    /// A refusal in JSON, or in words.
    private static func failure(_ status: Int, _ text: String) -> Failure {
        let output = JSONWire.parse(text)
        let type = output?.text("__type")?.split(separator: "#").last.map(String.init)
        return Failure(
            code: type ?? output?.text("Code") ?? String(status),
            message: output?.text("message") ?? output?.text("Message") ?? String(text.prefix(200)))
    }

    /// The fields of a form: `AlarmTypes.member.1`.
    private static func fields(_ value: WireValue, _ name: String) -> [(String, String)] {
        let prefix = name.isEmpty ? "" : name + "."
        switch value {
        case .structure(let members), .map(let members): return members.flatMap { fields($0.value, prefix + $0.name) }
        case .list(let values):
            return values.enumerated().flatMap { fields($0.element, "\(prefix)member.\($0.offset + 1)") }
        case .string(let text): return [(name, text)]
        case .integer(let number): return [(name, String(number))]
        case .number(let number): return [(name, String(number))]
        case .bool(let flag): return [(name, String(flag))]
        case .null, .blob, .timestamp: return []
        }
    }
}
