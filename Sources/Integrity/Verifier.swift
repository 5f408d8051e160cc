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
    public private(set) var report = IntegrityReport()

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
    /// - Throws: when the store cannot be listed.
    public func verify(
        _ range: Range, looksForOthers: Bool = true, _ part: (DigestChain) -> Range?
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
                try verify(region, of: account, range, looksForOthers: looksForOthers, part)
            }
        }
    }

    private func verify(
        _ region: String, of account: String, _ range: Range, looksForOthers: Bool, _ part: (DigestChain) -> Range?
    ) throws(TrailStoreFault) {
        let none = DigestChain(
            folder: account, account: String(TrailLayout.lastName(account)), region: region, trail: "", homeRegion: "",
            isBackfill: false)
        let all = try chains(in: none.digests, range)
        let chains = all.filter { part($0.key) != nil }
        var named: Set<String> = []
        for (chain, keys) in chains.sorted(by: { $0.key < $1.key }) {
            let part = part(chain) ?? range
            walk(chain, keys.filter { part.holds(DigestKey($0)?.date) }, part, &named)
            if !chain.isBackfill, range.isExpectedWhole { lookForTheEnd(keys, chain, range) }
        }
        // Files that a digest of a trail names which is not looked at are nobody's only here.
        guard looksForOthers, chains.count == all.count, !all.isEmpty || part(none) != nil else { return }
        try lookForOthers(chains.keys.min() ?? none, range, named)
    }

    /// The keys of digests in a range, oldest first, by their chains.
    private func chains(
        in folder: String, _ range: Range, bucket: String? = nil
    ) throws(TrailStoreFault) -> [DigestChain: [String]] {
        var chains: [DigestChain: [String]] = [:]
        let start = range.start.map { folder + $0.advanced(bySeconds: -60).dayFolder }
        for key in try store.keys(folder, in: bucket, after: start) {
            guard let digest = DigestKey(key), range.holds(digest.date) else { continue }
            chains[digest.chain, default: []].append(key)
        }
        return chains
    }

    private func note(_ finding: Finding) {
        report.add(finding)
        tell(finding)
    }

    // MARK: The chain

    private func walk(_ chain: DigestChain, _ keys: [String], _ range: Range, _ named: inout Set<String>) {
        var rest = keys
        var bucket: String?
        var key = rest.popLast()
        var seen: Set<String> = []
        var last: Timestamp?
        let ahead = ReadAhead(store)
        // A digest names the signature of the one before it.
        var signatures: [String: String] = [:]
        while let present = key, seen.insert(present).inserted {
            if let start = range.start, let last, last < start { break }
            // What is left to be looked at is older than this one.
            if let date = DigestKey(present)?.date {
                while let next = rest.last, DigestKey(next).map({ $0.date >= date }) ?? true { rest.removeLast() }
            }
            let reading = ahead.read(present, in: bucket, before: rest)
            let checked = check(reading, present, bucket, chain, signature: signatures[present])
            note(checked.finding)
            if let digest = checked.digest, let previous = digest.previous {
                signatures[previous.key] = digest.previousSignature
            }
            guard let digest = checked.digest, checked.isTrusted else {
                key = rest.popLast()
                continue
            }
            last = digest.start
            checkLogs(digest, chain, isSigned: checked.finding.verdict == .valid, &named)
            if let previous = digest.previous {
                if previous.bucket != bucket ?? digest.place.bucket {
                    let moved = try? chains(in: chain.digests, range, bucket: previous.bucket)
                    rest = moved?[chain] ?? []
                    bucket = previous.bucket
                }
                key = previous.key
            } else {
                key = rest.popLast()
                if let key {
                    note(
                        Finding(
                            subject: .gap, chain: chain, verdict: .unverified, name: "",
                            reason: "the chain of digests begins anew", start: DigestKey(key)?.date, end: digest.start))
                }
            }
        }
    }

    /// Digests come every hour; when they cease, the validation or the trail was switched off.
    private func lookForTheEnd(_ keys: [String], _ chain: DigestChain, _ range: Range) {
        guard let last = keys.last.flatMap({ DigestKey($0)?.date }),
            range.end.seconds(since: last) > Self.patience
        else { return }
        note(
            Finding(
                subject: .gap, chain: chain, verdict: .unverified, name: "", reason: "there are no later digests",
                start: last, end: Timestamp(seconds: range.end.seconds)))
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

    private struct Checked {
        var finding: Finding
        var digest: Digest?
        /// Whether to go on from it.
        var isTrusted = false
    }

    private func check(
        _ reading: Reading, _ key: String, _ bucket: String?, _ chain: DigestChain, signature: String?
    ) -> Checked {
        var checked = Checked(
            finding: Finding(
                subject: .digest, chain: chain, verdict: .modified, name: store.name(bucket ?? "", key),
                end: DigestKey(key)?.date))
        func found(_ verdict: Verdict, _ reason: String?) -> Checked {
            checked.finding.verdict = verdict
            checked.finding.reason = reason
            return checked
        }
        let file: TrailFile
        switch reading {
        case .file(let read): file = read
        case .missing: return found(.deleted, "it is not there")
        case .fault(let words): return found(.unverified, words)
        }
        var text: [UInt8] = []
        if let fault = GzipText.read(file.bytes, { text += $0 }) { return found(.modified, fault) }
        let digest: Digest
        do throws(Digest.FormatError) {
            digest = try Digest(text)
        } catch {
            return found(.modified, "it is no digest: \(error.words)")
        }
        checked.digest = digest
        (checked.finding.start, checked.finding.end) = (digest.start, digest.end)
        guard store.isPlace(key, bucket, said: (digest.place.bucket, digest.place.key)) else {
            return found(.modified, "it was moved: it is that of s3://\(digest.place.bucket)/\(digest.place.key)")
        }
        guard let signature = file.signature ?? (file.hasSignatures ? nil : signature) else {
            if file.hasSignatures { return found(.modified, "it has no signature") }
            checked.isTrusted = true
            return found(.unverified, "copies lose the signature of an object, and no digest behind it names it")
        }
        let time = file.made.flatMap { Timestamp($0) } ?? digest.end
        switch keys.key(digest.fingerprint, in: chain.region, at: time) {
        case .unavailable(let words):
            checked.isTrusted = true
            return found(.unverified, words)
        case .unknown:
            return found(.modified, "CloudTrail has no key of the fingerprint \(digest.fingerprint)")
        case .key(let key):
            guard let signature = bytes(hex: signature), key.verifies(signature, of: digest.signed) else {
                return found(.modified, "its signature is wrong")
            }
        }
        checked.isTrusted = true
        return found(.valid, nil)
    }

    // MARK: Log files

    private func checkLogs(
        _ digest: Digest, _ chain: DigestChain, isSigned: Bool, _ named: inout Set<String>
    ) {
        for log in digest.logFiles { named.insert(log.key) }
        let store = store
        let verdicts = sideBySide(digest.logFiles, width: store.width) { log -> (Verdict, String?) in
            Self.check(log, in: store)
        }
        for (log, (verdict, reason)) in zip(digest.logFiles, verdicts) {
            let isOpen = verdict == .valid && !isSigned
            note(
                Finding(
                    subject: .log, chain: chain, verdict: isOpen ? .unverified : verdict,
                    name: store.name(log.bucket, log.key),
                    reason: isOpen ? "its digest is not verified" : reason))
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
        _ chain: DigestChain, _ range: Range, _ named: Set<String>
    ) throws(TrailStoreFault) {
        let start = range.start.map { chain.logs + $0.dayFolder }
        for key in try store.keys(chain.logs, in: nil, after: start) where !named.contains(key) {
            guard key.hasSuffix(".json.gz"), let time = Self.time(ofLog: key), time <= range.end,
                range.start.map({ time >= $0 }) ?? true
            else { continue }
            note(
                Finding(
                    subject: .log, chain: chain, verdict: .unverified, name: store.name("", key),
                    reason: "no digest names it", start: time))
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

    init(_ store: any TrailStore) {
        self.store = store
    }

    func read(_ key: String, in bucket: String?, before rest: [String]) -> Verifier.Reading {
        if let found = known.removeValue(forKey: key) { return found }
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

extension Timestamp {
    /// `2026/11/21/`
    fileprivate var dayFolder: String { date.split(separator: "-").joined(separator: "/") + "/" }
}
