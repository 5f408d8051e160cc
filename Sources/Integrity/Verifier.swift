public import AWSCore
internal import CloudTrail
internal import Crypto
internal import Synchronization

/// Follows the chains of digests of a trail and holds every file against them, as `aws cloudtrail validate-logs` does:
/// from the newest digest in the range back to the one before that it names, and on with the next older one where the
/// chain is broken (CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity validation").
///
/// For one thread; it reads on several.
public final class Verifier {
    private let store: any TrailStore
    private let keys: KeyRing
    private let tell: (Finding) -> Void

    /// - Parameter tell: takes every finding as it is made.
    public init(_ store: any TrailStore, _ keys: KeyRing, tell: @escaping (Finding) -> Void) {
        self.store = store
        self.keys = keys
        self.tell = tell
    }

    /// The time to be looked at.
    public struct Range: Sendable {
        /// Nil for all that there is.
        public var start: Timestamp?
        public var end: Timestamp
        /// Whether digests are expected up to its end; of a copy nobody knows when it was made.
        public var isExpectedWhole: Bool

        public init(start: Timestamp?, end: Timestamp, isExpectedWhole: Bool = true) {
            self.start = start
            self.end = end
            self.isExpectedWhole = isExpectedWhole
        }

        /// Whether a digest of that date is wanted. Files of an hour are named by the digest at its end.
        fileprivate func holds(_ date: Timestamp?) -> Bool {
            guard let date else { return false }
            return start.map { date >= $0 } ?? true && date <= end.advanced(bySeconds: 3600)
        }
    }

    /// Verifies all digests and log files of a range, of every account, region and trail that the store holds.
    ///
    /// - Parameters:
    ///   - looksForOthers: whether log files are told of that no digest names.
    ///   - part: of a chain the range that is wanted, within the whole; nil for none of it.
    ///   - ended: takes each chain when all has been told of it; false ends the verification.
    /// - Throws: when the store cannot be listed.
    public func verify(
        _ range: Range, looksForOthers: Bool = true, _ part: (DigestChain) -> Range?,
        ended: (DigestChain) -> Bool = { _ in true }
    ) throws(TrailStoreFault) {
        for account in try TrailLayout.accounts(
            under: store.prefix,
            { root throws(TrailStoreFault) in
                try store.folders(root)
            })
        {
            // Also regions that have log files and no digests.
            let folders = try store.folders(account + "CloudTrail-Digest/") + store.folders(account + "CloudTrail/")
            for region in Set(folders.map { String(TrailLayout.lastName($0)) }).sorted() {
                guard try verify(region, of: account, range, looksForOthers: looksForOthers, part, ended) else {
                    return
                }
            }
        }
    }

    private func verify(
        _ region: String, of account: String, _ range: Range, looksForOthers: Bool, _ part: (DigestChain) -> Range?,
        _ ended: (DigestChain) -> Bool
    ) throws(TrailStoreFault) -> Bool {
        let none = DigestChain(
            folder: account, account: String(TrailLayout.lastName(account)), region: region, trail: "", homeRegion: "",
            isBackfill: false)
        let all = try chains(in: none.digests, range)
        let chains = all.filter { part($0.key) != nil }
        var named: Set<String> = []
        var newest: Timestamp?
        for (chain, keys) in chains.sorted(by: { $0.key < $1.key }) {
            let part = part(chain) ?? range
            let wanted = keys.filter { part.holds(DigestKey($0)?.date) }
            let last = walk(chain, wanted, part, &named)
            if !chain.isBackfill, range.isExpectedWhole {
                lookForTheEnd(last ?? (wanted.isEmpty ? keys.last.flatMap { DigestKey($0)?.date } : nil), chain, part)
            }
            newest = [newest, last].compactMap { $0 }.max()
            guard ended(chain) else { return false }
        }
        // Files that a digest of a trail names which is not looked at are nobody's only here.
        guard looksForOthers, chains.count == all.count, !all.isEmpty || part(none) != nil else { return true }
        try lookForOthers(chains.keys.min() ?? none, range, named, newest: newest)
        return true
    }

    /// The keys of digests in a range, oldest first, by their chains.
    private func chains(
        in folder: String, _ range: Range, bucket: String? = nil
    ) throws(TrailStoreFault) -> [DigestChain: [String]] {
        var chains: [DigestChain: [String]] = [:]
        let start = range.start.map { folder + TrailLayout.folder(ofDay: $0.advanced(bySeconds: -60).date) }
        for key in try store.keys(folder, in: bucket, after: start) {
            guard let digest = DigestKey(key), range.holds(digest.date) else { continue }
            chains[digest.chain, default: []].append(store.known(key))
        }
        // By their dates: a file that was laid into another folder is not in the way of others.
        return chains.mapValues { keys in
            keys.sorted { (DigestKey($0)?.date ?? range.end, $0) < (DigestKey($1)?.date ?? range.end, $1) }
        }
    }

    // MARK: The chain

    /// Goes from the newest to the oldest: along the links of digests that are verified, and through the listing where
    /// there is none. What an unverified digest says of itself leads nowhere; only the signature that it names is tried,
    /// since that proves itself.
    ///
    /// - Returns: the end of the newest digest that is valid.
    private func walk(
        _ chain: DigestChain, _ keys: [String], _ range: Range, _ named: inout Set<String>
    ) -> Timestamp? {
        var rest = keys
        var bucket: String?
        var key = rest.popLast()
        var seen: Set<String> = []
        var last: Timestamp?
        let ahead = ReadAhead(store)
        var signatures: [String: String] = [:]
        // What digests that are valid say of those before them.
        var hashes: [String: String] = [:]
        var newest: Timestamp?
        while let present = key {
            if let start = range.start, let last, last < start { break }
            guard seen.insert(present).inserted else {
                key = rest.popLast()
                continue
            }
            let date = DigestKey(present)?.date
            // One of the same date may be the right one, and this one not.
            if let date {
                for key in Self.take(from: &rest, since: date.advanced(bySeconds: 1)) where !seen.contains(key) {
                    tellAside(key, bucket, chain)
                }
            }
            let reading = ahead.read(present, in: bucket, before: rest)
            let (finding, digest) = check(
                reading, present, bucket, chain, signature: signatures[present], hash: hashes[present], range)
            tell(finding)
            if let previous = digest?.previous.map({ store.known($0.key) }),
                signatures[previous] == nil || finding.verdict == .valid
            {
                signatures[previous] = digest?.previousSignature
            }
            guard let digest, finding.verdict == .valid else {
                if let digest, finding.verdict == .unverified { checkLogs(digest, chain, isSigned: false, &named) }
                key = rest.popLast()
                continue
            }
            last = digest.start
            newest = newest ?? digest.end
            if let date {
                for key in Self.take(from: &rest, since: date) where !seen.contains(key) {
                    tellAside(key, bucket, chain)
                }
            }
            if let previous = digest.previous { hashes[store.known(previous.key)] = digest.previousHash }
            checkLogs(digest, chain, isSigned: true, &named)
            if let previous = digest.previous {
                if previous.bucket != bucket ?? digest.place.bucket {
                    bucket = previous.bucket
                    rest = older(chain, range, previous.bucket)
                }
                key = store.known(previous.key)
            } else {
                key = rest.popLast()
                if let key {
                    tell(
                        Finding(
                            gapIn: chain, from: DigestKey(key)?.date, to: digest.start,
                            reason: "the chain of digests begins anew"))
                }
            }
        }
        return newest
    }

    /// Takes the digests out of a listing that are not older than a date.
    private static func take(from keys: inout [String], since date: Timestamp) -> [String] {
        var taken: [String] = []
        while let next = keys.last, DigestKey(next).map({ $0.date >= date }) ?? true { taken.append(keys.removeLast()) }
        return taken
    }

    /// A digest that the links of those around it leave out: nobody vouches for it, and nothing hangs on it.
    private func tellAside(_ key: String, _ bucket: String?, _ chain: DigestChain) {
        tell(
            Finding(
                subject: .digest, chain: chain, verdict: .unverified, name: store.name(bucket ?? "", key),
                reason: "the chain passes it by", end: DigestKey(key)?.date, isAside: true))
    }

    /// The digests of a chain in the bucket that it was delivered to before.
    private func older(_ chain: DigestChain, _ range: Range, _ bucket: String) -> [String] {
        do throws(TrailStoreFault) {
            return try chains(in: chain.digests, range, bucket: bucket)[chain] ?? []
        } catch {
            tell(
                Finding(
                    subject: .gap, chain: chain, verdict: .unverified, name: "", reason: error.words,
                    start: range.start, end: range.end, isUnread: true))
            return []
        }
    }

    /// Digests come every hour; when they cease, the validation or the trail was switched off.
    private func lookForTheEnd(_ last: Timestamp?, _ chain: DigestChain, _ range: Range) {
        guard let last = last ?? range.start, range.end.seconds(since: last) > Self.patience else { return }
        tell(
            Finding(
                gapIn: chain, from: last, to: Timestamp(seconds: range.end.seconds),
                reason: "there are no later digests"))
    }

    /// A digest is delivered within an hour after its own.
    private static let patience = 2.5 * 3600

    // MARK: A digest

    /// What was read of a digest's file.
    fileprivate enum Reading: Sendable {
        case file(TrailFile)
        case missing
        case fault(String)
    }

    /// A digest has some hundred bytes for each log file of an hour.
    private static let longestDigest = 256 << 20

    private func check(
        _ reading: Reading, _ key: String, _ bucket: String?, _ chain: DigestChain, signature: String?,
        hash: String?, _ range: Range
    ) -> (Finding, Digest?) {
        var finding = Finding(
            subject: .digest, chain: chain, verdict: .modified, name: store.name(bucket ?? "", key),
            end: DigestKey(key)?.date)
        func found(_ verdict: Verdict, _ reason: String?, _ digest: Digest? = nil) -> (Finding, Digest?) {
            finding.verdict = verdict
            finding.reason = reason
            return (finding, digest)
        }
        let file: TrailFile
        switch reading {
        case .file(let read): file = read
        case .missing: return found(.deleted, "it is not there")
        case .fault(let words):
            finding.isUnread = true
            return found(.unverified, words)
        }
        var text: [UInt8] = []
        if let fault = GzipText.read(file.bytes, limit: Self.longestDigest, { text += $0 }) {
            return found(.modified, fault)
        }
        let digest: Digest
        do throws(Digest.FormatError) {
            digest = try Digest(text)
        } catch {
            return found(.modified, "it is no digest: \(error.words)")
        }
        guard store.isPlace(key, bucket, said: (digest.place.bucket, digest.place.key)) else {
            return found(
                .modified, "it was moved: it is that of s3://\(digest.place.bucket)/\(digest.place.key)", digest)
        }
        // Where no signature decides, the digest behind it does, if that is signed: it names the hash of this one. Of its text,
        // or of the file: the documents do not say so for digests as they do for log files.
        let isOther = hash.map { ![hex(SHA256.hash(text)), hex(SHA256.hash(file.bytes))].contains($0.lowercased()) }
        func open(_ words: String) -> (Finding, Digest?) {
            isOther == true
                ? found(.modified, "its hash is not that which the digest behind it names", digest)
                : found(.unverified, words, digest)
        }
        // What a digest that is verified names comes before what lies beside the file.
        guard let signature = file.hasSignatures ? file.signature : signature ?? file.signature else {
            if file.hasSignatures { return found(.modified, "it has no signature", digest) }
            return open("copies lose the signature of an object, and no digest behind it names it")
        }
        // What is not signed yet does not say which keys are asked for.
        let made = chain.isBackfill ? file.made.flatMap { Timestamp($0) }.map { min($0, range.end) } : nil
        let time = made ?? DigestKey(key)?.date ?? range.end
        switch keys.key(digest.fingerprint, in: chain.region, at: time) {
        case .unavailable(let words): return open(words)
        case .unknown:
            return found(.modified, "CloudTrail has no key of the fingerprint \(digest.fingerprint)", digest)
        case .key(let key):
            guard let signature = bytes(hex: signature), key.verifies(signature, of: digest.signed) else {
                return found(.modified, "its signature is wrong", digest)
            }
        }
        (finding.start, finding.end) = (digest.start, digest.end)
        return found(.valid, nil, digest)
    }

    // MARK: Log files

    private func checkLogs(
        _ digest: Digest, _ chain: DigestChain, isSigned: Bool, _ named: inout Set<String>
    ) {
        // A digest that is not verified names files of its own trail, or nothing that is read.
        let store = store
        let own = store.known(chain.logs)
        var files: [Digest.LogFile] = []
        for log in digest.logFiles {
            let key = store.known(log.key)
            guard isSigned || (log.bucket == digest.place.bucket && key.hasPrefix(own)) else { continue }
            files.append(log)
            named.insert(key)
        }
        let verdicts = sideBySide(files, width: store.width) { log -> (Verdict, String?) in
            Self.check(log, in: store)
        }
        for (log, (verdict, reason)) in zip(files, verdicts) {
            var finding = Finding(
                subject: .log, chain: chain, verdict: verdict, name: store.name(log.bucket, log.key), reason: reason,
                isUnread: verdict == .unverified)
            if !isSigned, verdict != .unverified {
                finding.verdict = .unverified
                finding.reason = "its digest is not verified" + (reason.map { ", and by that \($0)" } ?? "")
            }
            tell(finding)
        }
    }

    private static func check(_ log: Digest.LogFile, in store: any TrailStore) -> (Verdict, String?) {
        do throws(TrailStoreFault) {
            guard let file = try store.file(log.key, in: log.bucket) else { return (.deleted, "it is not there") }
            let hash = RunningHash()
            if let fault = GzipText.read(file.bytes, { hash.add($0) }) { return (.modified, fault) }
            return hex(hash.finish()) == log.hash.lowercased() ? (.valid, nil) : (.modified, "its hash is another")
        } catch {
            return (.unverified, error.words)
        }
    }

    /// Log files that no digest names: delivered while the validation was off, newer than the last digest, or laid there
    /// by somebody.
    private func lookForOthers(
        _ chain: DigestChain, _ range: Range, _ named: Set<String>, newest: Timestamp?
    ) throws(TrailStoreFault) {
        let start = range.start.map { chain.logs + TrailLayout.folder(ofDay: $0.date) }
        for key in try store.keys(chain.logs, in: nil, after: start) where !named.contains(store.known(key)) {
            guard key.hasSuffix(".json.gz"), let time = Self.time(ofLog: key), time <= range.end,
                range.start.map({ time >= $0 }) ?? true
            else { continue }
            // Files are named by the minute of their events, and delivered somewhat later.
            let isEarly =
                newest.map { time.advanced(bySeconds: 3600) > $0 } ?? false
                && range.end.seconds(since: time) < Self.patience
            tell(
                Finding(
                    subject: .log, chain: chain, verdict: .unverified, name: store.name("", key),
                    reason: isEarly ? "its digest is yet to come" : "no digest names it", start: time, isEarly: isEarly)
            )
        }
    }

    /// `ACCOUNT_CloudTrail_REGION_20261121T1005Z_RANDOM.json.gz`
    private static func time(ofLog key: String) -> Timestamp? {
        key.split(separator: "/").last?.split(separator: "_").lazy.compactMap { Timestamp(compact: $0) }.first
    }
}

/// Reads digests before they are asked for: those right before one, which are asked for next unless the chain is broken.
private final class ReadAhead {
    private let store: any TrailStore
    private var known: [String: Verifier.Reading] = [:]
    private var bucket: String?

    init(_ store: any TrailStore) {
        self.store = store
    }

    func read(_ key: String, in bucket: String?, before rest: [String]) -> Verifier.Reading {
        // A file of that name in another bucket is another.
        if bucket == self.bucket, let found = known.removeValue(forKey: key) { return found }
        self.bucket = bucket
        known = [:]
        let keys = [key] + rest.suffix(store.width - 1)
        let readings = sideBySide(keys, width: store.width) { [store] key -> Verifier.Reading in
            do throws(TrailStoreFault) {
                return try store.file(key, in: bucket).map { .file($0) } ?? .missing
            } catch {
                return .fault(error.words)
            }
        }
        for (key, reading) in zip(keys, readings) { known[key] = reading }
        return known.removeValue(forKey: key) ?? .missing
    }
}
