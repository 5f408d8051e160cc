public import AWSCore

/// What became of a file: the words of CloudTrail User Guide, "Validating CloudTrail log file integrity".
public enum Verdict: String, Sendable, CaseIterable {
    /// As CloudTrail delivered it.
    case valid
    /// Other than CloudTrail delivered it, or not CloudTrail's.
    case modified
    /// Named by a digest, and not there.
    case deleted
    /// Nothing says that it is CloudTrail's, and nothing that it is not.
    case unverified
}

/// One thing that was looked at.
public struct Finding: Sendable {
    public enum Subject: String, Sendable {
        case digest, log
        /// A time for which there are no digests.
        case gap
    }

    public var subject: Subject
    public var chain: DigestChain
    public var verdict: Verdict
    /// Its address; empty for a gap.
    public var name: String
    /// Why, unless it is valid.
    public var reason: String?
    /// The time of a digest or a gap.
    public var start: Timestamp?
    public var end: Timestamp?
    /// Whether it is unverified because it could not be read.
    public var isUnread = false
    /// Whether it is a digest that hangs on no chain.
    public var isAside = false
    /// Whether it is unverified because its digest is yet to come.
    public var isEarly = false

    /// A time without digests.
    public init(gapIn chain: DigestChain, from start: Timestamp?, to end: Timestamp?, reason: String) {
        self.init(
            subject: .gap, chain: chain, verdict: .unverified, name: "", reason: reason, start: start, end: end)
    }

    init(
        subject: Subject, chain: DigestChain, verdict: Verdict, name: String, reason: String? = nil,
        start: Timestamp? = nil, end: Timestamp? = nil, isUnread: Bool = false, isAside: Bool = false,
        isEarly: Bool = false
    ) {
        self.subject = subject
        self.chain = chain
        self.verdict = verdict
        self.name = name
        self.reason = reason
        self.start = start
        self.end = end
        self.isUnread = isUnread
        self.isAside = isAside
        self.isEarly = isEarly
    }
}

/// How many there were of each verdict.
public struct VerdictCounts: Sendable {
    private var counts: [Verdict: Int] = [:]

    public subscript(_ verdict: Verdict) -> Int { counts[verdict, default: 0] }
    public var total: Int { counts.values.reduce(0, +) }
    mutating func add(_ verdict: Verdict) { counts[verdict, default: 0] += 1 }
}

public struct IntegrityReport: Sendable {
    public var digests = VerdictCounts()
    public var backfillDigests = VerdictCounts()
    public var logs = VerdictCounts()
    public var gaps = 0
    /// Of the unverified, those that could not be read, and those whose digest is yet to come.
    public var unread = 0
    public var early = 0
    /// From the first digest's begin to the last one's end, within what was asked for.
    public var start: Timestamp?
    public var end: Timestamp?

    public init() {}

    /// Whether anything is other than CloudTrail left it.
    public var isViolated: Bool {
        [digests, backfillDigests, logs].contains { $0[.modified] + $0[.deleted] > 0 }
    }

    public mutating func add(_ finding: Finding) {
        if finding.isUnread { unread += 1 }
        if finding.isEarly { early += 1 }
        switch finding.subject {
        case .gap: gaps += 1
        case .log: logs.add(finding.verdict)
        case .digest:
            if finding.chain.isBackfill { backfillDigests.add(finding.verdict) } else { digests.add(finding.verdict) }
            guard finding.verdict == .valid else { return }
            if let first = finding.start { start = min(start ?? first, first) }
            if let last = finding.end { end = max(end ?? last, last) }
        }
    }
}
