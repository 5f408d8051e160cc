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
    private let keys: @Sendable () -> KeyRing
    private let pipeline: Pipeline
    private let status: Mutex<IntegrityStatus>
    private let thread = SourceThread()
    private let log: @Sendable (_ words: String, _ isGrave: Bool) -> Void

    public static let metric = "IntegrityViolations"

    /// Digests come every hour: there are so many listings of the source between two looks.
    private static let polls = 5
    /// A copy may get a digest before the log files that it names: so often it is looked at again.
    private static let patience = 3
    /// Digests come within hours; those of a source that is new are taken from so long ago, in seconds.
    private static let reach: Int64 = 86_400
    /// What cannot be verified for so long is given up, with a word.
    private static let mostPatience: Int64 = 7 * 86_400
    /// A chain that ended so long ago is no longer asked for.
    private static let memory: Int64 = 30 * 86_400

    /// - Parameters:
    ///   - access: the client for a bucket and its region; nil for a directory.
    ///   - keys: gives the public keys for one look, so that what is not known today may be tomorrow.
    /// - Returns: nil for a source whose files cannot be listed: a queue.
    public init?(
        _ source: LogSource, _ pipeline: Pipeline, _ access: (client: AWSClient, region: String)?,
        _ keys: @escaping @Sendable () -> KeyRing,
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
        let memory = Memory()
        while !thread.isStopping {
            look(memory)
            thread.wait(Double(source.pollInterval * Self.polls))
        }
    }

    /// What is known from one look to the next, besides what is stored. For one thread.
    private final class Memory {
        /// Chains that have disappeared, by their keys, as told.
        var gone: Set<String> = []
        var attempts: [DigestChain: Int] = [:]
        /// Digests that were counted and are looked at again, because an older one is not verified yet.
        var counted: [DigestChain: Set<String>] = [:]
        var pending: String?
    }

    /// A digest with what was found of its log files.
    private struct Group {
        var digest: Finding
        var validLogs = 0
        /// The log files that are not valid.
        var others: [Finding] = []

        var violations: [Finding] {
            ([digest] + others).filter { $0.verdict == .modified || $0.verdict == .deleted }
        }

        /// Whether it must be looked at again.
        func isOpen(waitsForFiles: Bool) -> Bool {
            !digest.isAside
                && (digest.verdict == .unverified || others.contains { $0.isUnread }
                    || waitsForFiles && others.contains { $0.verdict == .deleted })
        }

        var openReason: String? {
            (([digest] + others).first { $0.verdict != .valid }).map { "\($0.name): \($0.reason ?? "")".harmless }
        }
    }

    private var stores: [any TrailStore] {
        switch source.place {
        case .bucket(let bucket, let prefix):
            access.map { [BucketStore(bucket, prefix: prefix, $0.client, region: $0.region)] } ?? []
        case .directory(let path): FolderStore.stores(in: path)
        case .queue, .sender: []
        }
    }

    private func look(_ memory: Memory) {
        let now = pipeline.clock.now
        let stores = stores
        // A directory that is away is not one that is empty.
        guard !stores.isEmpty else { return }
        let known: [(path: String, modified: Int64)]
        do throws(StoreError) {
            known = try pipeline.store.positions(of: "digests").filter {
                $0.path.hasPrefix(source.name + " ") && $0.modified > now.advanced(bySeconds: -Self.memory).milliseconds
            }
        } catch {
            return log("\(source.name): \(error.description)", true)
        }
        // After an outage, or what could not be verified, from there on.
        let oldest = known.map(\.modified).min().map { Timestamp(milliseconds: $0) } ?? now
        let start = min(oldest, now.advanced(bySeconds: -2 * Self.reach)).advanced(bySeconds: -7200)
        let keys = keys()
        var seen: Set<String> = []
        var pending: String?
        for store in stores {
            var groups: [Group] = []
            let verifier = Verifier(store, keys) { finding in
                switch finding.subject {
                case .gap: self.note(gap: finding)
                case .digest: groups.append(Group(digest: finding))
                case .log where groups.isEmpty: break
                case .log where finding.verdict == .valid: groups[groups.count - 1].validLogs += 1
                case .log: groups[groups.count - 1].others.append(finding)
                }
            }
            let range = Verifier.Range(start: start, end: now)
            do throws(TrailStoreFault) {
                try verifier.verify(range, looksForOthers: false) { chain in
                    // Backfilled ones come in no order, and so are looked at for two days.
                    if chain.isBackfill {
                        return Verifier.Range(start: max(start, now.advanced(bySeconds: -2 * Self.reach)), end: now)
                    }
                    guard let known = self.position(self.key(chain)) else {
                        return Verifier.Range(start: now.advanced(bySeconds: -Self.reach), end: now)
                    }
                    return Verifier.Range(start: Timestamp(milliseconds: known.milliseconds + 1), end: now)
                } ended: { chain in
                    seen.insert(self.key(chain).path)
                    pending = self.keep(groups, of: chain, at: now, memory) ?? pending
                    groups = []
                    return !self.thread.isStopping
                }
            } catch {
                return log("\(source.name): digests cannot be listed: \(error.words)", true)
            }
            if thread.isStopping { return }
        }
        for (path, modified) in known where !seen.contains(path) && memory.gone.insert(path).inserted {
            let last = Timestamp(milliseconds: modified)
            log("\(path): all its digests are gone; the last that was verified is of \(last)".harmless, true)
        }
        if let pending, pending != memory.pending { log("\(source.name): not verified yet: \(pending)", false) }
        memory.pending = pending
        status.withLock { status in
            status.looked = now
            status.pending = pending
        }
    }

    // MARK: Positions

    private func key(_ chain: DigestChain) -> Batch.FileKey {
        Batch.FileKey(
            source: "digests",
            path:
                "\(source.name) \(chain.folder) \(chain.region) \(chain.trail) \(chain.homeRegion) \(chain.isBackfill)")
    }

    /// Under this it is kept that a file has been told of.
    private func key(_ finding: Finding) -> Batch.FileKey {
        Batch.FileKey(source: "digests-told", path: "\(source.name) \(finding.verdict.rawValue) \(finding.name)")
    }

    private static func position(_ time: Timestamp) -> Batch.FilePosition {
        Batch.FilePosition(records: 0, size: 0, modified: time.milliseconds, isDone: true)
    }

    private func position(_ key: Batch.FileKey) -> Timestamp? {
        ((try? pipeline.store.position(of: key)) ?? nil).map { Timestamp(milliseconds: $0.modified) }
    }

    // MARK: What was found

    private func words(_ chain: DigestChain) -> String {
        "\(source.name), \(chain.account) \(chain.region) \(chain.trail)".harmless
    }

    private func note(gap: Finding) {
        guard status.withLock({ $0.gaps.insert("\(gap.chain) \(gap.start?.seconds ?? 0)").inserted }) else { return }
        let (start, end) = (gap.start?.description ?? "", gap.end?.description ?? "")
        log("\(words(gap.chain)): no digests from \(start) to \(end): \(gap.reason ?? "")", true)
    }

    /// Stores how far a chain is verified, and with it what the alarm on violations is judged by.
    ///
    /// - Returns: why some of it is not verified yet.
    private func keep(_ groups: [Group], of chain: DigestChain, at now: Timestamp, _ memory: Memory) -> String? {
        let isCopy = if case .directory = source.place { true } else { false }
        let isMissing = groups.contains { $0.others.contains { $0.verdict == .deleted } }
        memory.attempts[chain] = isMissing ? memory.attempts[chain, default: 0] + 1 : nil
        let waitsForFiles = isCopy && memory.attempts[chain, default: 0] <= Self.patience
        let given = now.advanced(bySeconds: -Self.mostPatience)
        let place = key(chain)
        let known = position(place)
        var done: [Group] = []
        var pending: String?
        var verified: Timestamp?
        for group in groups.sorted(by: { ($0.digest.end ?? now) < ($1.digest.end ?? now) }) {
            if group.isOpen(waitsForFiles: waitsForFiles) {
                let reason = group.openReason ?? ""
                guard let date = group.digest.end, date < given else {
                    pending = pending ?? reason
                    continue
                }
                log("given up, unverified for seven days: \(reason)", true)
            }
            done.append(group)
            guard group.digest.verdict == .valid else { continue }
            if !chain.isBackfill, let known, let first = group.digest.start, verified == nil, first > known {
                note(
                    gap: Finding(gapIn: chain, from: known, to: first, reason: "the chain of digests begins anew"))
            }
            // Only what is signed says how far it is, and only as long as nothing before it is open.
            if pending == nil, !chain.isBackfill { verified = group.digest.end }
        }
        // What is wrong is told at once, whatever else is open; files that a copy may still get are waited for.
        let new = groups.flatMap(\.violations).filter {
            !(waitsForFiles && $0.subject == .log && $0.verdict == .deleted) && position(key($0)) == nil
        }
        let lines = new.map { "\($0.name) was \($0.verdict.rawValue): \($0.reason ?? "")".harmless }
        let told = new.map { key($0) }
        if !new.isEmpty || verified != nil {
            do throws(StoreError) {
                try pipeline.perform { state, now in
                    let evidence = lines.prefix(FilterSnapshot.mostEvidence).map { line in
                        Array(line.utf8).withUnsafeBytes { Evidence($0, at: now) }
                    }
                    let datum = FilterSnapshot.Datum(
                        metric: Metric(namespace: ExceptionRules.namespace, name: Self.metric, dimensions: []),
                        unit: "Count", minute: now.minute, aggregate: PeriodAggregate(value: Double(lines.count)),
                        evidence: evidence)
                    state.publish(datum, in: self.source.scope)
                    for key in told { state.take([], [], of: key, upTo: Self.position(now)) }
                    if let verified { state.take([], [], of: place, upTo: Self.position(verified)) }
                }
            } catch {
                log("\(source.name): \(error.description)", true)
                return pending
            }
        }
        var counted = memory.counted[chain, default: []]
        let fresh = done.filter { counted.insert($0.digest.name).inserted }
        memory.counted[chain] = counted.intersection(groups.map(\.digest.name))
        for line in lines.prefix(IntegrityStatus.most) { log(line, true) }
        if lines.count > IntegrityStatus.most { log("and \(lines.count - IntegrityStatus.most) more", true) }
        status.withLock { status in
            for group in fresh {
                status.counts["digest \(group.digest.verdict.rawValue)", default: 0] += 1
                if group.validLogs > 0 { status.counts["log valid", default: 0] += group.validLogs }
                for other in group.others { status.counts["log \(other.verdict.rawValue)", default: 0] += 1 }
            }
            if let verified { status.verifiedUntil = max(status.verifiedUntil ?? verified, verified) }
            status.violations = Array((lines.reversed() + status.violations).prefix(IntegrityStatus.most))
        }
        return pending
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
