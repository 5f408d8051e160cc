internal import FilterPattern

/// A monitoring control: a recommendation of the CIS AWS Foundations Benchmark to be told of certain events.
public struct Control: Sendable {
    public enum Severity: String, Sendable, CaseIterable {
        case low, medium, high, critical
    }

    /// What must be watched.
    public enum Subject: Sendable {
        /// Events that a metric filter sees.
        case events
        /// Whether Security Hub is on, in every region.
        case securityHub
    }

    /// A text that holds from one version of the benchmark on, until the next of its kind.
    public struct Dated<Value: Sendable>: Sendable {
        public var from: BenchmarkVersion
        public var value: Value

        static func from(_ version: BenchmarkVersion, _ value: Value) -> Dated { Dated(from: version, value: value) }
    }

    /// A short stable name such as `organizations_changes`.
    public let id: String
    public let title: String
    /// Why one wants to know.
    public let rationale: String
    public let severity: Severity
    public let subject: Subject
    /// The place in the chapter on monitoring, the same in all versions; 0 for a control that is not of the benchmark.
    public let section: Int
    /// The first version that has it.
    public let since: BenchmarkVersion
    /// The profile level, 1 or 2.
    public let levels: [Dated<Int>]
    /// The metric of the published remediation.
    public let metricName: String
    /// The events one must be told of: a pattern that matches them and no others.
    public let requirements: [Dated<String>]
    /// The patterns of the benchmark's text; where the text is broken by its layout or a lost quotation mark, what it
    /// was meant to say.
    public let publishedPatterns: [Dated<String>]
    /// Events that show what is meant.
    public let samples: [SampleEvent]

    /// A control of one's own.
    ///
    /// - Parameters:
    ///   - requirement: a pattern of the events one must be told of.
    ///   - pattern: what to deploy, if not the same.
    public init(
        id: String, title: String, rationale: String, severity: Severity, level: Int = 1, metricName: String,
        requirement: String, pattern: String? = nil, samples: [SampleEvent]
    ) {
        self.init(
            id: id, title: title, rationale: rationale, severity: severity, section: 0, since: .v1_2_0,
            levels: [.from(.v1_2_0, level)], metricName: metricName, requirements: [.from(.v1_2_0, requirement)],
            publishedPatterns: [.from(.v1_2_0, pattern ?? requirement)], samples: samples)
    }

    init(
        id: String, title: String, rationale: String, severity: Severity, subject: Subject = .events, section: Int,
        since: BenchmarkVersion, levels: [Dated<Int>], metricName: String, requirements: [Dated<String>],
        publishedPatterns: [Dated<String>], samples: [SampleEvent]
    ) {
        self.id = id
        self.title = title
        self.rationale = rationale
        self.severity = severity
        self.subject = subject
        self.section = section
        self.since = since
        self.levels = levels
        self.metricName = metricName
        self.requirements = requirements
        self.publishedPatterns = publishedPatterns
        self.samples = samples
    }

    /// The number in a version of the benchmark, such as `4.15`; nil when it is not in there.
    public func number(in version: BenchmarkVersion) -> String? {
        section > 0 && version >= since ? "\(version.monitoringChapter).\(section)" : nil
    }

    public func level(in version: BenchmarkVersion) -> Int {
        levels.holding(in: version) ?? 1
    }

    public func requirement(in version: BenchmarkVersion) -> String {
        requirements.holding(in: version) ?? ""
    }

    /// The pattern that the version tells to deploy.
    public func publishedPattern(in version: BenchmarkVersion) -> String {
        publishedPatterns.holding(in: version) ?? requirement(in: version)
    }
}

extension [Control.Dated<Int>] {
    func holding(in version: BenchmarkVersion) -> Int? { last { $0.from <= version }?.value }
}

extension [Control.Dated<String>] {
    func holding(in version: BenchmarkVersion) -> String? { last { $0.from <= version }?.value }
}

/// An event made up to show what a control is about.
public struct SampleEvent: Sendable {
    public let summary: String
    /// Whether the control must be told of it, in the newest version of the benchmark.
    public let isRequired: Bool
    /// The event as CloudTrail would write it.
    public let json: String

    public init(summary: String, isRequired: Bool, json: String) {
        self.summary = summary
        self.isRequired = isRequired
        self.json = json
    }

    /// Who makes the call of a sample.
    enum Caller {
        case user, role, root, service

        var json: String {
            switch self {
            case .user:
                #"{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","userName":"alice"}"#
            case .role:
                #"{"type":"AssumedRole","principalId":"AROAEXAMPLE:bob","arn":"arn:aws:sts::111122223333:assumed-role/Admin/bob","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/Admin","accountId":"111122223333","userName":"Admin"}}}"#
            case .root:
                #"{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"}"#
            case .service: #"{"type":"AWSService","invokedBy":"organizations.amazonaws.com"}"#
            }
        }
    }

    /// A call that must be seen.
    static func required(
        _ name: String, _ service: String, by caller: Caller = .role, with members: String = "", _ summary: String
    ) -> SampleEvent {
        SampleEvent(summary: summary, isRequired: true, json: event(name, service, caller, members))
    }

    /// A call that looks like one but is none.
    static func other(
        _ name: String, _ service: String, by caller: Caller = .role, with members: String = "", _ summary: String
    ) -> SampleEvent {
        SampleEvent(summary: summary, isRequired: false, json: event(name, service, caller, members))
    }

    private static func event(_ name: String, _ service: String, _ caller: Caller, _ members: String) -> String {
        let additional = members.isEmpty ? "" : ",\(members)"
        let type = members.contains("\"eventType\"") ? "" : #","eventType":"AwsApiCall""#
        let address = members.contains("\"sourceIPAddress\"") ? "" : #","sourceIPAddress":"203.0.113.7""#
        return #"{"eventVersion":"1.10","userIdentity":\#(caller.json),"eventTime":"2026-03-01T09:30:00Z","#
            + #""eventSource":"\#(service).amazonaws.com","eventName":"\#(name)","awsRegion":"eu-west-1""#
            + #"\#(address)\#(additional),"eventID":"6f2d1c3e-0000-4000-8000-000000000001"\#(type),"#
            + #""managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#
    }
}

/// Builds the patterns of requirements.
enum Requirement {
    /// Calls of one service by name.
    static func calls(_ service: String, _ names: [String]) -> String {
        let source = Condition(Selector("eventSource"), .equals(.text(TextLiteral("\(service).amazonaws.com"))))
        let calls = names.map { Formula.leaf(Condition(Selector("eventName"), .equals(.text(TextLiteral($0))))) }
        return FilterPattern.json(.all([.leaf(source), .any(calls)])).description
    }

    /// Calls by name alone, as the benchmark writes most of its patterns.
    static func names(_ names: [String]) -> String {
        FilterPattern.json(
            .any(names.map { .leaf(Condition(Selector("eventName"), .equals(.text(TextLiteral($0))))) })
        ).description
    }
}
