public import AWSCore
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

    private let exceptions: [ControlException]
    private let now: Timestamp

    /// - Parameters:
    ///   - exceptions: to be judged with, besides those that the account's server names.
    ///   - now: by which they have ended or not.
    public init(
        _ controls: [Control], in version: BenchmarkVersion, exceptions: [ControlException] = [], at now: Timestamp
    ) {
        self.version = version
        self.controls = controls
        self.exceptions = exceptions
        self.now = now
    }

    /// - Parameter regions: at least one; multi-region trails are found from any.
    public func run(_ reader: some AccountReader, regions: [String]) -> AuditReport {
        report(AccountState(reader, regions: regions))
    }

    func report(_ state: AccountState<some AccountReader>) -> AuditReport {
        var agreed = exceptions.map { (exception: $0, suppressed: Int?.none) }
        var unread: Finding?
        do throws(ReadFailure) {
            if let region = state.regions.first { agreed += try state.reader.exceptions(region: region) }
        } catch {
            unread = Finding(.exception, "exceptions", error)
        }
        let review = ExceptionReview(in: version, account: state.account)
        let results = controls.map { control in
            var result = judge(control, state)
            let own = agreed.filter { $0.exception.control == control.id }
            if let unread { result.findings.append(unread) }
            result.add(
                own.map {
                    ExceptionResult(
                        exception: $0.exception, isExpired: $0.exception.expires <= now, suppressed: $0.suppressed,
                        outcome: review.judge($0.exception.pattern, for: control))
                })
            return result
        }
        return AuditReport(account: state.account, benchmark: version, results: results)
    }

    private func judge(_ control: Control, _ state: AccountState<some AccountReader>) -> ControlResult {
        if control.subject == .securityHub { return judgeSecurityHub(control, state) }
        guard let required = try? FilterPattern(control.requirement(in: version)) else {
            return ControlResult(control: control, verdict: .unknown, gaps: [], findings: [])
        }
        // Of several trails the one counts that does best. What is missing is worked out for that one alone.
        var best: Assessment?
        for trail in state.trails where trail.logGroup != nil {
            let assessment = assess(control, required, trail, state)
            if best.map({ assessment.isBetter(than: $0) }) ?? true { best = assessment }
            if best?.verdict == .covered { break }
        }
        if let best { return result(best, control) }
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

    /// A trail, as far as a control is concerned.
    private struct Assessment {
        var verdict = ControlResult.Verdict.notCovered
        var findings: [Finding]
        /// The filters of its log group that are about the control.
        var chains: [FilterChain] = []
        var live: [FilterChain] = []
        let trail: TrailState
        /// A required event that its selectors leave out.
        var leftOut: String?

        private var rank: Int {
            switch verdict {
            case .covered: 4
            case .floods: 3
            case .partly: 2
            case .unknown: 1
            case .notCovered, .notApplicable: 0
            }
        }

        func isBetter(than other: Assessment) -> Bool {
            (rank, live.count) > (other.rank, other.live.count)
        }
    }

    private func assess(
        _ control: Control, _ required: FilterPattern, _ trail: TrailState, _ state: AccountState<some AccountReader>
    ) -> Assessment {
        var found = Assessment(findings: trail.findings, trail: trail)
        readChains(&found, control, trail, state)
        found.live = found.chains.filter(\.isLive)
        found.verdict = verdict(of: &found, control, state)
        var isUncertain = trail.isUncertain
        if let selection = trail.selection {
            switch required.example(butNot: selection, facts: DomainFact.cloudTrail) {
            case .none:
                found.findings.append(
                    Finding(
                        .selectors, trail.arn,
                        "its selectors leave out management events that this control does not need; the benchmark "
                            + "wants all of them recorded", isMild: true))
            case .example(let event):
                found.findings.append(Finding(.selectors, trail.arn, "its selectors leave out required events"))
                found.leftOut = event
                if found.verdict == .covered || found.verdict == .floods { found.verdict = .partly }
            case .unknown(let reason):
                found.findings.append(
                    Finding(
                        .selectors, trail.arn, "whether its selectors leave out required events is unknown: \(reason)",
                        isUnknown: true))
                isUncertain = true
            }
        }
        if !trail.isSound {
            found.verdict = .notCovered
        } else if found.verdict == .covered || found.verdict == .floods {
            if isUncertain { found.verdict = .unknown }
        } else if found.chains.isEmpty {
            if found.findings.contains(where: \.isUnknown) { found.verdict = .unknown }
        } else if trail.selection == nil {
            // What could not be read may be what is missing.
            let possible = found.chains.filter { $0.isLive || $0.isUncertain }
            if possible.count > found.live.count,
                Coverage.covers(control, in: version, by: possible.compactMap(\.pattern))
            {
                found.verdict = .unknown
            }
        }
        return found
    }

    private func readChains(
        _ found: inout Assessment, _ control: Control, _ trail: TrailState, _ state: AccountState<some AccountReader>
    ) {
        guard let group = trail.logGroup, trail.logGroupARN?.account == state.account else { return }
        switch state.chains(of: group, region: trail.region) {
        case .success(let all):
            found.chains = all.filter { state.isMeant($0, for: control, in: version) }
            if found.chains.isEmpty {
                found.findings.append(Finding(.filter, group, "no metric filter sees any of the required events"))
            }
            found.findings += found.chains.flatMap(\.findings)
        case .failure(let failure):
            found.findings.append(
                failure.isNotFound
                    ? Finding(.logGroup, group, "the trail delivers to it, but there is no such log group")
                    : Finding(.filter, group, failure))
        }
    }

    /// What the filters are worth that somebody is told by.
    private func verdict(
        of found: inout Assessment, _ control: Control, _ state: AccountState<some AccountReader>
    ) -> ControlResult.Verdict {
        if found.live.isEmpty { return .notCovered }
        // All are about the control, so those that do not cover it cover a part.
        guard Coverage.covers(control, in: version, by: found.live.compactMap(\.pattern)) else { return .partly }
        guard Coverage.floods(found.live.compactMap(\.pattern), control) else { return .covered }
        // A filter that matches everything does not spoil those that cover the control by metrics of their own.
        let drowned = state.drowned(found.live, for: control, in: version)
        let quiet = found.live.filter { !drowned.contains($0.counter) }
        let patterns = quiet.compactMap(\.pattern)
        guard Coverage.covers(control, in: version, by: patterns), !Coverage.floods(patterns, control) else {
            return .floods
        }
        found.live = quiet
        return .covered
    }

    private func result(_ found: Assessment, _ control: Control) -> ControlResult {
        var verdict = found.verdict
        var findings = found.findings
        var gaps: [Coverage.Gap] = []
        if verdict == .partly {
            let coverage = Coverage(of: control, in: version, by: found.live.compactMap(\.pattern))
            gaps = coverage.gaps
            if let event = found.leftOut {
                gaps.append(Coverage.Gap(name: nil, witness: event, isWhole: false, lacking: []))
            } else if coverage.verdict == .unknown {
                verdict = .unknown
                let words = "whether the filters cover the control is unknown: \(coverage.reason ?? "")"
                findings.append(Finding(.filter, control.id, words, isUnknown: true))
            }
        }
        let chains = found.live.compactMap { filter -> LiveChain? in
            guard let ringing = filter.ringing, let metric = filter.counter else { return nil }
            return LiveChain(
                logGroup: found.trail.logGroup ?? "", region: found.trail.region, filter: filter.name, metric: metric,
                alarm: ringing.alarm, events: ringing.events, topics: ringing.topics)
        }
        return ControlResult(
            control: control, verdict: verdict, gaps: gaps, findings: findings, filters: found.live.map(\.name),
            chains: chains,
            patterns: found.live.map(\.text))
    }
}
