public import AWSClient
internal import AWSCore
public import Controls
internal import HTTP
public import Integrity
public import LogSources

/// How a server runs: made of defaults, the environment and the command line.
public struct Configuration: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port = 4599
    /// A path, or `:memory:`.
    public var storePath = "./var/trailwarden.db"
    /// The address under which others reach the server; by default that on which it listens.
    public var publicURL: String?
    /// The account of callers whose key names none.
    public var account = "123456789012"
    /// Credentials to verify signatures with; none lets everybody in.
    public var credentials: [Credential] = []
    public var smtpURL: String?
    public var mailSender: String?
    public var certificatePath: String?
    public var keyPath: String?
    /// Whether `POST /_trailwarden/reset` forgets everything.
    public var allowsReset = false
    /// Whether messages may go to private addresses; by default only while the server listens on loopback.
    public var allowsLocalEndpoints: Bool?
    /// Signature version of topics that name none.
    public var signatureVersion = "2"
    /// Whether every call is logged, and not only those that fail by our fault or are not let in.
    public var logsCalls = false
    /// What those must know who send events; without one, events are taken on loopback only.
    public var pushKey: String?
    /// Where events come from by themselves.
    public var sources: [LogSource] = []
    /// How buckets and queues are reached, by the names of their sources.
    public var access: [String: RemoteAccess] = [:]
    /// Whether alarms ring for events that come in long after they happened.
    public var ringsForPast = false
    /// Events that controls require and nobody wants to be told of.
    public var exceptions: [ControlException] = []
    /// The public keys to verify the digests of the sources with; nil leaves them unverified.
    public var digestKeys: DigestKeys?
    public var maximumBody = 8 << 20
    public var connectionLimit = 1000

    public init() {}

    public enum DigestKeys: Sendable {
        case given(KeyRing)
        /// CloudTrail is asked, by the client of a source, or else by this one.
        case asked(AWSClient?)
    }

    /// Who calls S3 and SQS, and where.
    public struct RemoteAccess: Sendable {
        public var client: AWSClient
        public var region: String

        public init(client: AWSClient, region: String) {
            self.client = client
            self.region = region
        }
    }

    /// A key that may sign requests.
    public struct Credential: Sendable {
        public var accessKeyID: String
        public var secret: String
        public var account: String
        public var userName: String

        public init(accessKeyID: String, secret: String, account: String, userName: String) {
            self.accessKeyID = accessKeyID
            self.secret = secret
            self.account = account
            self.userName = userName
        }
    }

    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// All that is wrong with it; empty when nothing is.
    public var faults: [String] {
        var faults: [String] = []
        if !isLoopback, credentials.isEmpty {
            faults.append(
                "listening on \(host) lets everybody in: set --credentials, or listen on 127.0.0.1")
        }
        if (certificatePath == nil) != (keyPath == nil) { faults.append("--tls-cert and --tls-key go together") }
        let paths = sources.map(\.name)
        if Set(paths).count < paths.count { faults.append("a source is given twice") }
        if allowsReset, !isLoopback { faults.append("--allow-reset is for loopback only") }
        if !(0...65535).contains(port) { faults.append("\(port) is no port") }
        if account.utf8.count != 12 || Int(account) == nil {
            faults.append("an account has twelve digits, not `\(account)`")
        }
        return faults
    }

    /// Reads credentials from the text of an AWS credentials file: `aws_access_key_id` and `aws_secret_access_key` in
    /// sections; a section may also name an `account`, and its name is that of the user.
    public static func credentials(_ text: String, account: String) -> [Credential] {
        var credentials: [Credential] = []
        var section = "default"
        var values: [String: String] = [:]
        func finish() {
            if let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] {
                credentials.append(
                    Credential(
                        accessKeyID: id, secret: secret, account: values["account"] ?? account, userName: section))
            }
            values = [:]
        }
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingBlanks
            if line.hasPrefix("["), line.hasSuffix("]") {
                finish()
                section = String(line.dropFirst().dropLast())
            } else if !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") {
                values[line[..<equals].trimmingBlanks] = line[line.index(after: equals)...].trimmingBlanks
            }
        }
        finish()
        return credentials
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
