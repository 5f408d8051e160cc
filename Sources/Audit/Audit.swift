internal import AWSCore
internal import Alarms
public import Controls
internal import Coverage
internal import FilterPattern
internal import Metrics
internal import WireValues

/// The audit of an account's monitoring: is each control in force, all along the chain from the trail to a confirmed
/// subscriber (CIS AWS Foundations Benchmark, chapter on monitoring, audit procedures).
public struct Audit {
    private let version: BenchmarkVersion
    private let controls: [Control]

    public init(_ controls: [Control], in version: BenchmarkVersion) {
        self.version = version
        self.controls = controls
    }

    /// - Parameter regions: at least one; multi-region trails are found from any.
    public func run(_ reader: some AccountReader, regions: [String]) -> AuditReport {
        report(AccountState(reader, regions: regions))
    }

    func report(_ state: AccountState<some AccountReader>) -> AuditReport {
        AuditReport(
            account: state.account, benchmark: version, results: controls.map { judge($0, state) })
    }

    private func judge(_ control: Control, _ state: AccountState<some AccountReader>) -> ControlResult {
        if control.subject == .securityHub { return judgeSecurityHub(control, state) }
        guard let required = try? FilterPattern(control.requirement(in: version)) else {
            return ControlResult(control: control, verdict: .unknown, gaps: [], findings: [])
        }
        // A sound trail first; of several the one that does best counts.
        let results = state.trails.filter { $0.logGroup != nil }.map { judge(control, required, $0, state) }
        if let best = results.max(by: { Self.rank($0.verdict) < Self.rank($1.verdict) }) { return best }
        var findings = state.trails.flatMap(\.findings)
        if let failure = state.failure { findings.append(Finding(.trail, "trails", failure)) }
        if findings.isEmpty { findings.append(Finding(.trail, "account \(state.account)", "there is no trail")) }
        let isUnknown = state.failure != nil || findings.contains(where: \.isUnknown)
        return ControlResult(
            control: control, verdict: isUnknown ? .unknown : .notCovered, gaps: [], findings: findings)
    }

    /// Whether every region has a hub (CIS AWS Foundations Benchmark, "Ensure AWS Security Hub is enabled").
    private func judgeSecurityHub(_ control: Control, _ state: AccountState<some AccountReader>) -> ControlResult {
        var findings: [Finding] = []
        var missing: [String] = []
        for region in state.regions {
            do throws(ReadFailure) {
                _ = try state.reader.call("securityhub", "DescribeHub", .empty, region: region)
            } catch {
                if error.isNoService {
                    let words = "this endpoint has no Security Hub"
                    return ControlResult(
                        control: control, verdict: .notApplicable, gaps: [],
                        findings: [Finding(.securityHub, region, words, isUnknown: true)])
                }
                // InvalidAccessException: the account is not subscribed.
                if error.isNotFound || error.code == "InvalidAccessException" {
                    missing.append(region)
                    findings.append(Finding(.securityHub, region, "Security Hub is not switched on"))
                } else {
                    findings.append(Finding(.securityHub, region, error))
                }
            }
        }
        let verdict: ControlResult.Verdict =
            findings.isEmpty
            ? .covered : missing.isEmpty ? .unknown : missing.count == state.regions.count ? .notCovered : .partly
        return ControlResult(control: control, verdict: verdict, gaps: [], findings: findings, regions: missing)
    }

    private static func rank(_ verdict: ControlResult.Verdict) -> Int {
        switch verdict {
        case .covered: 4
        case .floods: 3
        case .partly: 2
        case .unknown: 1
        case .notCovered, .notApplicable: 0
        }
    }

    /// Judges a control by one trail and the log group it delivers to.
    private func judge(
        _ control: Control, _ required: FilterPattern, _ trail: TrailState, _ state: AccountState<some AccountReader>
    ) -> ControlResult {
        var findings = trail.findings
        var chains: [FilterChain] = []
        let group = trail.logGroup ?? ""
        if trail.logGroupARN?.account == state.account {
            switch state.chains(of: group, region: trail.region) {
            case .success(let all):
                chains = all.filter { state.isMeant($0, for: control, in: version) }
                if chains.isEmpty {
                    findings.append(Finding(.filter, group, "no metric filter sees any of the required events"))
                }
            case .failure(let failure):
                findings.append(
                    failure.isNotFound
                        ? Finding(.logGroup, group, "the trail delivers to it, but there is no such log group")
                        : Finding(.filter, group, failure))
            }
        }
        findings += chains.filter { !$0.isLive || !$0.findings.isEmpty }.flatMap(\.findings)
        var live = chains.filter(\.isLive)
        var coverage = live.isEmpty ? nil : Coverage(of: control, in: version, by: live.compactMap(\.pattern))
        if let known = coverage, known.floods, known.verdict == .covers {
            // A filter that matches everything does not spoil those that cover the control by metrics of their own.
            let drowned = state.drowned(live, for: control, in: version)
            let quiet = live.filter { !drowned.contains($0.counter) }
            let without = Coverage(of: control, in: version, by: quiet.compactMap(\.pattern))
            if without.verdict == .covers, !without.floods { (live, coverage) = (quiet, without) }
        }
        var verdict = coverage.map(Self.verdict) ?? .notCovered
        var gaps = coverage?.gaps ?? []
        var isUncertain = trail.isUncertain
        if let selection = trail.selection {
            switch required.example(butNot: selection, facts: DomainFact.cloudTrail) {
            case .none:
                findings.append(
                    Finding(
                        .selectors, trail.arn,
                        "its selectors leave out management events that this control does not need; the benchmark "
                            + "wants all of them recorded", isMild: true))
            case .example(let event):
                findings.append(Finding(.selectors, trail.arn, "its selectors leave out required events"))
                gaps.append(Coverage.Gap(name: nil, witness: event, isWhole: false, lacking: []))
                if verdict == .covered || verdict == .floods { verdict = .partly }
            case .unknown(let reason):
                findings.append(
                    Finding(
                        .selectors, trail.arn, "whether its selectors leave out required events is unknown: \(reason)",
                        isUnknown: true))
                isUncertain = true
            }
        }
        if !trail.isSound {
            verdict = .notCovered
        } else if verdict != .covered, verdict != .floods {
            // What could not be read may be what is missing.
            let possible = chains.filter { $0.isLive || $0.isUncertain }
            let best =
                possible.count == live.count
                ? nil : Coverage(of: control, in: version, by: possible.compactMap(\.pattern))
            let mayBe = best?.verdict == .covers && trail.selection == nil
            if mayBe || chains.isEmpty && findings.contains(where: \.isUnknown) { verdict = .unknown }
        } else if isUncertain {
            verdict = .unknown
        }
        if verdict == .covered || verdict == .floods { gaps = [] }
        return ControlResult(
            control: control, verdict: verdict, gaps: verdict == .partly ? gaps : [], findings: findings,
            filters: live.map(\.name), patterns: live.map(\.text))
    }

    private static func verdict(_ coverage: Coverage) -> ControlResult.Verdict {
        switch coverage.verdict {
        case .covers: coverage.floods ? .floods : .covered
        case .partly: .partly
        case .none, .invalid: .notCovered
        case .unknown: .unknown
        }
    }
}
