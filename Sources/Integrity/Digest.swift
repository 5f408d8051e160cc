internal import AWSCore
internal import CloudTrail
internal import Crypto
internal import WireValues

/// A digest file: the hashes of the log files that CloudTrail delivered in an hour, signed, with a link to the digest
/// before it (CloudTrail User Guide, "CloudTrail digest file structure").
struct Digest: Sendable {
    struct LogFile: Sendable, Hashable {
        var bucket: String
        var key: String
        /// SHA-256 of the text, inflated, in hexadecimal digits.
        var hash: String
    }

    struct Link: Sendable, Hashable {
        var bucket: String
        var key: String
    }

    var place: Link
    var start: Timestamp
    var end: Timestamp
    var fingerprint: String
    /// The digest before; nil in the first since the validation was switched on.
    var previous: Link?
    var previousSignature: String?
    /// SHA-256 of the text of the digest before.
    var previousHash: String?
    var logFiles: [LogFile]
    /// What its signature is of.
    var signed: [UInt8]

    struct FormatError: Error, Sendable {
        var words: String
    }

    /// Reads the text of a digest file.
    init(_ text: [UInt8]) throws(FormatError) {
        guard let value = JSONWire.parse(text) else { throw FormatError(words: "it is no JSON") }
        func required(_ name: String) throws(FormatError) -> String {
            guard let text = value.text(name) else { throw FormatError(words: "`\(name)` is missing") }
            return text
        }
        func time(_ name: String) throws(FormatError) -> Timestamp {
            guard let time = Timestamp(try required(name)) else { throw FormatError(words: "`\(name)` is no time") }
            return time
        }
        place = Link(bucket: try required("digestS3Bucket"), key: try required("digestS3Object"))
        (start, end) = (try time("digestStartTime"), try time("digestEndTime"))
        fingerprint = try required("digestPublicKeyFingerprint")
        guard value.members.contains(where: { $0.name == "previousDigestSignature" }) else {
            throw FormatError(words: "`previousDigestSignature` is missing")
        }
        previousSignature = value.text("previousDigestSignature")
        previousHash = value.text("previousDigestHashValue")
        if let bucket = value.text("previousDigestS3Bucket"), let key = value.text("previousDigestS3Object") {
            previous = Link(bucket: bucket, key: key)
        }
        logFiles = []
        if case .list(let files)? = value["logFiles"] {
            for file in files {
                guard let bucket = file.text("s3Bucket"), let key = file.text("s3Object"),
                    let hash = file.text("hashValue")
                else { throw FormatError(words: "`logFiles` names a file without bucket, object or hash") }
                logFiles.append(LogFile(bucket: bucket, key: key, hash: hash))
            }
        }
        // CloudTrail User Guide, "Data signing string": the first digest has the word null for a signature before it.
        let lines = [
            try required("digestEndTime"), "\(place.bucket)/\(place.key)", hex(SHA256.hash(text)),
            previousSignature ?? "null",
        ]
        signed = Array(lines.joined(separator: "\n").utf8)
    }
}

/// The digests of a trail, of one account and region, which are linked one to the next. Backfilled ones, which CloudTrail
/// writes afterwards for files that came too late, are a chain of their own.
public struct DigestChain: Hashable, Sendable, Comparable {
    /// `AWSLogs/ACCOUNT/`, with what stands before it.
    public var folder: String
    public var account: String
    public var region: String
    public var trail: String
    public var homeRegion: String
    public var isBackfill: Bool

    /// The digest files of the region.
    var digests: String { "\(folder)CloudTrail-Digest/\(region)/" }
    /// The log files of the region, of whatever trail.
    var logs: String { "\(folder)CloudTrail/\(region)/" }

    private var order: [String] { [folder, region, trail, homeRegion, isBackfill ? "1" : "0"] }
    public static func < (a: DigestChain, b: DigestChain) -> Bool { a.order.lexicographicallyPrecedes(b.order) }
}

/// What the key of a digest file says:
/// `…/CloudTrail-Digest/REGION/2026/11/21/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_20261121T100000Z[_backfill].json.gz`.
struct DigestKey {
    var chain: DigestChain
    /// The end of its hour.
    var date: Timestamp

    /// Nil for another key.
    init?(_ key: String) {
        guard let folder = key.firstRange(of: "CloudTrail-Digest/"), key.hasSuffix(".json.gz") else { return nil }
        let root = String(key[..<folder.lowerBound])
        let account = String(TrailLayout.lastName(root))
        // Region, year, month, day and name. The region goes into addresses: it is nothing else than one.
        let parts = key[folder.upperBound...].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, Scope.isRegion(parts[0]), TrailLayout.isAccount(account),
            parts[1...3].allSatisfy({ Int($0) != nil }), let name = parts.last
        else { return nil }
        let region = String(parts[0])
        var stem = name.dropLast(".json.gz".count)
        let isBackfill = stem.hasSuffix("_backfill")
        if isBackfill { stem = stem.dropLast("_backfill".count) }
        let prefix = "\(account)_CloudTrail-Digest_\(region)_"
        guard stem.hasPrefix(prefix), let date = Timestamp(compact: stem.suffix(16)) else { return nil }
        let words = stem.dropFirst(prefix.count).dropLast(17)
        // Names of trails may have underscores, names of regions have none.
        guard let underscore = words.lastIndex(of: "_") else { return nil }
        chain = DigestChain(
            folder: root, account: account, region: region, trail: String(words[..<underscore]),
            homeRegion: String(words[words.index(after: underscore)...]), isBackfill: isBackfill)
        self.date = date
    }
}

extension Timestamp {
    /// `20261121T100000Z` or `20261121T1000Z`, as the names of CloudTrail's files have it.
    init?(compact text: some StringProtocol) {
        let digits = Array(text)
        guard digits.count == 16 || digits.count == 14, digits[8] == "T", digits.last == "Z" else { return nil }
        let clock = digits[9..<digits.count - 1]
        let seconds = clock.count == 6 ? String(clock.suffix(2)) : "00"
        let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
        self.init("\(date)T\(String(clock.prefix(2))):\(String(clock.dropFirst(2).prefix(2))):\(seconds)Z")
    }
}
