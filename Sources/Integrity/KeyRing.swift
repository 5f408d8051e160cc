public import AWSClient
internal import AWSCore
internal import Crypto
internal import Synchronization
internal import WireValues

/// The public keys that CloudTrail signs digests with, by their fingerprints: asked for by its API, or given.
public final class KeyRing: Sendable {
    public struct FormatError: Error, Sendable {
        public var description: String
    }

    enum Lookup {
        case key(VerifyingKey)
        /// CloudTrail has none of this fingerprint.
        case unknown
        /// Nobody could be asked, why.
        case unavailable(String)
    }

    private struct Ring {
        /// By region and fingerprint: a key of one region proves nothing in another. Those that were given are of any.
        var keys: [String: VerifyingKey] = [:]
        /// The regions and times that were asked for, and what came of it.
        var asked: [String: String?] = [:]
    }

    private let client: AWSClient?
    private let ring: Mutex<Ring>

    /// Asks CloudTrail.
    public init(asking client: AWSClient) {
        self.client = client
        ring = Mutex(Ring())
    }

    /// Nobody can be asked, and nothing is given.
    public init() {
        client = nil
        ring = Mutex(Ring())
    }

    /// Reads what `aws cloudtrail list-public-keys` prints.
    public init(_ text: String) throws(FormatError) {
        guard case .list(let list)? = JSONWire.parse(text)?["PublicKeyList"] else {
            throw FormatError(
                description: "there is no PublicKeyList in it: save what `aws cloudtrail list-public-keys` prints")
        }
        client = nil
        let keys = Self.keys(list, of: "")
        guard !keys.isEmpty else { throw FormatError(description: "it holds no RSA key with a fingerprint") }
        ring = Mutex(Ring(keys: keys))
    }

    private static func keys(_ list: [WireValue], of region: String) -> [String: VerifyingKey] {
        var keys: [String: VerifyingKey] = [:]
        for entry in list {
            guard let fingerprint = entry.text("Fingerprint"), let text = entry.text("Value"),
                let der = Base64.decode(text), let key = VerifyingKey(der: der)
            else { continue }
            keys[region + " " + fingerprint] = key
        }
        return keys
    }

    /// The key of a fingerprint, which was in use at a time in a region.
    func key(_ fingerprint: String, in region: String, at time: Timestamp) -> Lookup {
        let name = region + " " + fingerprint
        if let key = ring.withLock({ $0.keys[name] ?? $0.keys[" " + fingerprint] }) { return .key(key) }
        guard let client else {
            return .unavailable("the key \(fingerprint) is not among those that are known: see --public-keys")
        }
        // Keys live for days: one question serves a day of digests.
        let question = "\(region) \(time.date)"
        if let known = ring.withLock({ $0.asked[question] }) { return known.map { .unavailable($0) } ?? .unknown }
        let start = time.advanced(bySeconds: -86_400)
        var fault: String?
        do throws(AWSClient.Failure) {
            var token: String?
            repeat {
                var input = [
                    WireMember("StartTime", .timestamp(start)),
                    WireMember("EndTime", .timestamp(time.advanced(bySeconds: 86_400))),
                ]
                if let token { input.append(WireMember("NextToken", .string(token))) }
                let answer = try client.call("cloudtrail", "ListPublicKeys", .structure(input), region: region)
                if case .list(let list)? = answer["PublicKeyList"] {
                    let keys = Self.keys(list, of: region)
                    ring.withLock { $0.keys.merge(keys) { $1 } }
                }
                let next = answer.text("NextToken")
                token = next != token ? next : nil
            } while token != nil
        } catch {
            fault = "CloudTrail's keys of \(region) cannot be read: \(error.code) \(error.message)"
        }
        return ring.withLock { [fault] ring in
            ring.asked[question] = fault
            if let key = ring.keys[name] { return .key(key) }
            return fault.map { .unavailable($0) } ?? .unknown
        }
    }
}
