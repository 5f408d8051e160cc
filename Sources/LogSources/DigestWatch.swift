public import AWSClient
public import AWSCore
public import Integrity
internal import LogGroups
internal import Metrics
public import Pipeline
internal import Store
internal import Synchronization

/// Verifies the digests of a source as they come: an hour's log files by the digest at its end. What was modified or
/// deleted is logged, told on the page of the sources, and published as the metric `Trailwarden` / `IntegrityViolations`,
/// so that an alarm can ring on it.
public final class DigestWatch: Sendable {
    private let source: LogSource
    private let access: (client: AWSClient, region: String)?
    private let keys: KeyRing
    private let pipeline: Pipeline
    private let status: Mutex<IntegrityStatus>
    private let thread = SourceThread()
    private let log: @Sendable (_ words: String, _ isGrave: Bool) -> Void

    public static let namespace = "Trailwarden"
    public static let metric = "IntegrityViolations"

    /// Digests come every hour: there are so many listings of the source between two looks.
    private static let polls = 5
    /// A copy may get a digest before the log files that it names: so often it is looked at again.
    private static let patience = 3

    /// - Parameters:
    ///   - access: the client for a bucket and its region; nil for a directory.
    ///   - keys: the public keys.
    /// - Returns: nil for a source whose files cannot be listed: a queue.
    public init?(
        _ source: LogSource, _ pipeline: Pipeline, _ access: (client: AWSClient, region: String)?, _ keys: KeyRing,
        log: @escaping @Sendable (_ words: String, _ isGrave: Bool) -> Void
    ) {
        switch source.place {
        case .bucket, .directory: break
        case .queue, .sender: return nil
        }
        self.source = source
        self.access = access
        self.keys = keys
        self.pipeline = pipeline
        self.log = log
        status = Mutex(IntegrityStatus(name: source.name))
    }

    public var present: IntegrityStatus { status.withLock { $0 } }
    public func start() { thread.start { [self] in run() } }
    public func stop() { thread.stop() }

    private func run() {
        var attempts: [DigestChain: Int] = [:]
        while !thread.isStopping {
            look(&attempts)
            thread.wait(Double(source.pollInterval * Self.polls))
        }
    }

    /// What was found of one chain.
    private struct Chain {
        var findings: [Finding] = []
        /// The end of the newest digest about which something is known.
        var end: Timestamp?
        /// Why the newest are not verified yet.
        var pending: String?
    }

    /// Nil for a directory into which nothing has been copied yet.
    private var store: (any TrailStore)? {
        switch source.place {
        case .bucket(let bucket, let prefix):
            access.map { BucketStore(bucket, prefix: prefix, $0.client, region: $0.region) }
        case .directory(let path): FolderStore(path)
        case .queue, .sender: nil
        }
    }

    private func look(_ attempts: inout [DigestChain: Int]) {
        guard let store else { return }
        let now = pipeline.clock.now
        var batches: [DigestChain: Chain] = [:]
        // Log files are told of behind their digest, and left open with it.
        var isOpen = false
        let verifier = Verifier(store, keys) { finding in
            var batch = batches[finding.chain] ?? Chain()
            defer { batches[finding.chain] = batch }
            if finding.subject == .digest {
                isOpen = finding.verdict == .unverified
                if isOpen {
                    batch.pending = finding.reason
                } else if let end = finding.end {
                    batch.end = max(batch.end ?? end, end)
                }
            }
            if finding.subject == .gap || !isOpen { batch.findings.append(finding) }
        }
        let start = now.advanced(bySeconds: -86_400)
        do throws(TrailStoreFault) {
            try verifier.verify(Verifier.Range(start: start, end: now), looksForOthers: false) { chain in
                let known = (try? pipeline.store.position(of: key(chain))) ?? nil
                let first = known.map { Timestamp(milliseconds: $0.modified + 1) } ?? start
                return Verifier.Range(start: max(first, start), end: now)
            }
        } catch {
            return log("\(source.name): digests cannot be listed: \(error.words)", true)
        }
        status.withLock { status in
            status.looked = now
            status.pending = batches.values.compactMap(\.pending).min()
        }
        for (chain, batch) in batches {
            let isMissing = batch.findings.contains { $0.verdict == .deleted }
            if isMissing, case .directory = source.place, attempts[chain, default: 0] < Self.patience {
                attempts[chain, default: 0] += 1
                continue
            }
            attempts[chain] = nil
            keep(batch, of: chain, at: now)
        }
    }

    private func key(_ chain: DigestChain) -> Batch.FileKey {
        Batch.FileKey(
            source: "digests",
            path:
                "\(source.name) \(chain.folder) \(chain.region) \(chain.trail) \(chain.homeRegion) \(chain.isBackfill)")
    }

    /// Stores how far the chain is verified, and with it what the alarm on violations is judged by.
    private func keep(_ batch: Chain, of chain: DigestChain, at now: Timestamp) {
        let gaps = batch.findings.filter { $0.subject == .gap }
        for gap in gaps where status.withLock({ $0.gaps.insert("\(chain) \(gap.start?.seconds ?? 0)").inserted }) {
            let (start, end) = (gap.start?.description ?? "", gap.end?.description ?? "")
            log(
                "\(source.name), \(chain.account) \(chain.region) \(chain.trail): no digests from \(start) to \(end): \(gap.reason ?? "")",
                true)
        }
        guard let end = batch.end else { return }
        let violations = batch.findings.filter { $0.verdict == .modified || $0.verdict == .deleted }
        let words = violations.map { "\($0.name) was \($0.verdict.rawValue): \($0.reason ?? "")" }
        let evidence = words.prefix(FilterSnapshot.mostEvidence).map { text in
            Array(text.utf8).withUnsafeBytes { Evidence($0, at: now) }
        }
        let datum = FilterSnapshot.Datum(
            metric: Metric(namespace: Self.namespace, name: Self.metric, dimensions: []), unit: "Count",
            minute: now.minute, aggregate: PeriodAggregate(value: Double(violations.count)), evidence: Array(evidence))
        let position = Batch.FilePosition(records: 0, size: 0, modified: end.milliseconds, isDone: true)
        do throws(StoreError) {
            try pipeline.perform { [key = key(chain)] state, _ in
                state.publish(datum, in: self.source.scope)
                state.take([], [], of: key, upTo: position)
            }
        } catch {
            return log("\(source.name): \(error.description)", true)
        }
        for line in words.prefix(IntegrityStatus.most) { log(line, true) }
        if words.count > IntegrityStatus.most { log("and \(words.count - IntegrityStatus.most) more", true) }
        status.withLock { status in
            for finding in batch.findings where finding.subject != .gap {
                status.counts["\(finding.subject.rawValue) \(finding.verdict.rawValue)", default: 0] += 1
            }
            status.verifiedUntil = max(status.verifiedUntil ?? end, end)
            status.violations = Array((words.reversed() + status.violations).prefix(IntegrityStatus.most))
        }
    }
}

/// What is known of the log files of a source.
public struct IntegrityStatus: Sendable {
    /// So many violations are told one by one.
    static let most = 20

    public let name: String
    /// When digests were last looked for.
    public var looked: Timestamp?
    /// The end of the newest digest that was verified, or found wrong.
    public var verifiedUntil: Timestamp?
    /// `log valid`, `digest modified` and so on.
    public var counts: [String: Int] = [:]
    /// The newest first.
    public var violations: [String] = []
    /// Why newer digests are not verified yet.
    public var pending: String?
    var gaps: Set<String> = []

    init(name: String) { self.name = name }
}
