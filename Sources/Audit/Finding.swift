public import Controls
public import Coverage
public import Metrics

/// A link of the chain from an event to a person, as the benchmark's audit goes along it.
public enum ChainStep: String, Sendable, CaseIterable {
    case trail, logging, delivery, selectors
    case logGroup = "log group"
    case filter, transformation, alarm, action, topic, subscription
    case securityHub = "security hub"
    /// What is kept from ringing by agreement.
    case exception
}

/// Something along the chain that is broken, or could not be read.
public struct Finding: Hashable, Sendable {
    public var step: ChainStep
    /// The object that breaks it: an ARN or a name.
    public var object: String
    /// What is wrong with it, in words.
    public var problem: String
    /// Whether it could not be read, so that it may be well.
    public var isUnknown = false
    /// Whether the chain holds all the same.
    public var isMild = false

    public init(_ step: ChainStep, _ object: String, _ problem: String, isUnknown: Bool = false, isMild: Bool = false) {
        self.step = step
        self.object = object
        self.problem = problem
        self.isUnknown = isUnknown
        self.isMild = isMild
    }

    init(_ step: ChainStep, _ object: String, _ failure: ReadFailure) {
        self.init(step, object, failure.words, isUnknown: true)
    }
}

/// A filter by which somebody is told.
public struct LiveChain: Sendable {
    public let logGroup: String
    public let region: String
    public let filter: String
    public let metric: Metric
    public let alarm: String
    /// So many events within a minute ring the alarm.
    public let events: Int
    /// The topics that are told, by their ARNs.
    public let topics: [String]
}

/// What an audit says of one control.
public struct ControlResult: Sendable {
    public enum Verdict: String, Sendable, CaseIterable {
        case covered
        /// Covered, by filters that also match most other events.
        case floods = "covered but floods"
        case partly = "partly covered"
        case notCovered = "not covered"
        case unknown
        /// There is nothing to judge, such as Security Hub at an endpoint that is not AWS.
        case notApplicable = "not applicable"
    }

    public let control: Control
    /// With the exceptions that are in force.
    public var verdict: Verdict
    /// That of the chain alone.
    public let chainVerdict: Verdict
    /// Required events that nobody is told of.
    public let gaps: [Coverage.Gap]
    public var findings: [Finding]
    /// What is kept from ringing by agreement.
    public var exceptions: [ExceptionResult] = []
    /// The filters whose chain holds and that see some of the required events.
    public var filters: [String] = []
    /// What follows from each of them, up to somebody who is told.
    public var chains: [LiveChain] = []
    /// Their patterns.
    public var patterns: [String] = []
    /// The regions that it fails in, for a control that is about regions.
    public var regions: [String] = []

    init(
        control: Control, verdict: Verdict, gaps: [Coverage.Gap], findings: [Finding], filters: [String] = [],
        chains: [LiveChain] = [], patterns: [String] = [], regions: [String] = []
    ) {
        self.control = control
        self.verdict = verdict
        chainVerdict = verdict
        self.gaps = gaps
        self.findings = findings
        self.filters = filters
        self.chains = chains
        self.patterns = patterns
        self.regions = regions
    }

    /// Judges it with exceptions.
    mutating func add(_ results: [ExceptionResult]) {
        exceptions = results
        findings += results.map(\.finding)
        // Nobody is told of some of the events, whatever the chain is worth.
        if results.contains(where: \.opensGap), verdict == .covered || verdict == .floods { verdict = .partly }
    }
}

/// The outcome of an audit.
public struct AuditReport: Sendable {
    public let account: String
    public let benchmark: BenchmarkVersion
    public let results: [ControlResult]

    /// Whether every control that applies is in force.
    public var isCovered: Bool {
        results.allSatisfy { [.covered, .floods, .notApplicable].contains($0.verdict) }
    }
}
