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
        let state = AccountState(reader, regions: regions)
        return AuditReport(
            account: state.account, benchmark: version, results: controls.map { judge($0, state) })
    }

    private func judge(_ control: Control, _ state: AccountState<some AccountReader>) -> ControlResult {
        guard let required = try? FilterPattern(control.requirement(in: version)) else {
            return ControlResult(control: control, verdict: .unknown, gaps: [], findings: [], filters: [])
        }
        // A sound trail first; of several the one that does best counts.
        let results = state.trails.filter { $0.logGroup != nil }.map { judge(control, required, $0, state) }
        if let best = results.max(by: { Self.rank($0.verdict) < Self.rank($1.verdict) }) { return best }
        var findings = state.trails.flatMap(\.findings)
        if let failure = state.failure { findings.append(Finding(.trail, "trails", failure)) }
        if findings.isEmpty { findings.append(Finding(.trail, "account \(state.account)", "there is no trail")) }
        let isUnknown = state.failure != nil || findings.contains(where: \.isUnknown)
        return ControlResult(
            control: control, verdict: isUnknown ? .unknown : .notCovered, gaps: [], findings: findings, filters: [])
    }

    private static func rank(_ verdict: ControlResult.Verdict) -> Int {
        switch verdict {
        case .covered: 4
        case .floods: 3
        case .partly: 2
        case .unknown: 1
        case .notCovered: 0
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
            switch state.filters(of: group, region: trail.region) {
            case .success(let filters):
                chains = filters.map { FilterChain($0, trail.region, state) }
                    .filter { $0.pattern.map { Coverage.isMeant($0, for: control, in: version) } ?? false }
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
        let live = chains.filter(\.isLive)
        let coverage = Coverage(of: control, in: version, by: live.compactMap(\.pattern))
        var verdict = Self.verdict(coverage)
        var gaps = coverage.gaps
        var isUncertain = trail.isUncertain
        if let selection = trail.selection {
            switch required.example(butNot: selection, facts: DomainFact.cloudTrail) {
            case .none: break
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
            let best = Coverage(of: control, in: version, by: possible.compactMap(\.pattern))
            let mayBe = best.verdict == .covers && trail.selection == nil
            if mayBe || chains.isEmpty && findings.contains(where: \.isUnknown) { verdict = .unknown }
        } else if isUncertain {
            verdict = .unknown
        }
        if verdict == .covered || verdict == .floods { gaps = [] }
        return ControlResult(
            control: control, verdict: verdict, gaps: verdict == .partly ? gaps : [], findings: findings,
            filters: live.map(\.name))
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

/// A metric filter and what follows from it, up to somebody who is told.
struct FilterChain {
    let name: String
    /// Nil when it is not legal, and so can't exist.
    let pattern: FilterPattern?
    private(set) var findings: [Finding] = []
    private(set) var isLive = false
    /// Whether it may be live, if what could not be read is well.
    private(set) var isUncertain = false

    init(_ filter: WireValue, _ region: String, _ state: AccountState<some AccountReader>) {
        name = filter.text("filterName") ?? ""
        pattern = try? FilterPattern(filter.text("filterPattern") ?? "")
        guard let transformation = filter.items("metricTransformations").first else {
            findings.append(Finding(.transformation, name, "it has no metric transformation"))
            return
        }
        let valueText = transformation.text("metricValue") ?? ""
        guard let value = Double(valueText), value.isFinite, value != 0 else {
            let problem =
                valueText.hasPrefix("$")
                ? "its metric value is \(valueText) of the event, not one for each event"
                : "its metric value is \(valueText)"
            findings.append(Finding(.transformation, name, problem))
            return
        }
        let metric = Metric(
            namespace: transformation.text("metricNamespace") ?? "", name: transformation.text("metricName") ?? "",
            dimensions: [])
        let dimensions = Set((transformation["dimensions"] ?? .empty).members.map(\.name))
            .union(filter.texts("emitSystemFieldDimensions"))
        if filter.text("fieldSelectionCriteria") != nil || filter.flag("applyOnTransformedLogs") == true {
            findings.append(
                Finding(
                    .filter, name,
                    "it looks at some accounts or regions only, or at transformed events: which, an audit "
                        + "does not work out", isUnknown: true))
        }
        let unit = transformation.text("unit") ?? "None"
        let fallback = transformation.number("defaultValue")
        switch state.alarms(in: region) {
        case .failure(let failure):
            findings.append(Finding(.alarm, "alarms of \(region)", failure))
            isUncertain = true
        case .success(let alarms):
            judge(alarms.metric, alarms.composite, metric, dimensions, unit, value, fallback, state)
        }
    }

    private mutating func judge(
        _ alarms: [DeployedAlarm], _ composites: [WireValue], _ metric: Metric, _ dimensions: Set<String>,
        _ unit: String, _ value: Double, _ fallback: Double?, _ state: AccountState<some AccountReader>
    ) {
        let named = alarms.filter { alarm in
            alarm.metrics.contains { $0.namespace == metric.namespace && $0.name == metric.name }
        }
        if named.isEmpty {
            let near = alarms.first { alarm in alarm.metrics.contains { $0.name == metric.name } }
            let hint = near.map { "; \($0.name) watches that name in the namespace \($0.metrics[0].namespace)" } ?? ""
            findings.append(
                Finding(.alarm, name, "no alarm watches its metric \(metric.namespace)/\(metric.name)\(hint)"))
            return
        }
        var found: [Finding] = []
        for alarm in named {
            let watched = alarm.metrics.first { $0.namespace == metric.namespace && $0.name == metric.name } ?? metric
            let own =
                findings.filter(\.isUnknown)
                + problems(of: alarm, watched, composites, dimensions, unit, value, fallback, state)
            if own.allSatisfy(\.isMild) {
                isLive = true
                findings = own
                return
            }
            if own.allSatisfy({ $0.isMild || $0.isUnknown }) { isUncertain = true }
            found += own
        }
        findings += found
    }

    /// What keeps an alarm from telling somebody of an event.
    private func problems(
        of alarm: DeployedAlarm, _ watched: Metric, _ composites: [WireValue], _ dimensions: Set<String>,
        _ unit: String, _ value: Double, _ fallback: Double?, _ state: AccountState<some AccountReader>
    ) -> [Finding] {
        if Set(watched.dimensions.map(\.name)) != dimensions {
            return [
                Finding(
                    .alarm, alarm.name,
                    dimensions.isEmpty
                        ? "it watches the metric with dimensions, and the filter publishes none"
                        : "it does not name the dimensions that the filter publishes: \(dimensions.sorted().joined(separator: ", "))"
                )
            ]
        }
        if let wanted = alarm.unit(of: watched), wanted != unit {
            return [Finding(.alarm, alarm.name, "it watches values in \(wanted), and the filter publishes \(unit)")]
        }
        var findings: [Finding] = []
        // An alarm watches one value of each dimension.
        if !dimensions.isEmpty {
            let values = watched.dimensions.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
            findings.append(
                Finding(.alarm, alarm.name, "it watches only events with \(values)", isUnknown: true))
        }
        switch alarm.ringing(on: watched, value: value, fallback: fallback) {
        case .events(1): break
        case .events(let count):
            findings.append(
                Finding(.alarm, alarm.name, "it rings at \(count) events a minute, not at the first", isMild: true))
        case .lastingEvents:
            findings.append(Finding(.alarm, alarm.name, "it rings only when events go on, never for a single one"))
        case .always:
            findings.append(
                Finding(.alarm, alarm.name, "it is in ALARM without any event, so an event changes nothing"))
        case .never: findings.append(Finding(.alarm, alarm.name, "no number of events makes it ring"))
        case .unknown:
            findings.append(
                Finding(.alarm, alarm.name, "whether an event makes it ring could not be worked out", isUnknown: true))
        }
        return findings + actionFindings(of: alarm, composites, state)
    }

    /// The alarm's own actions, or those of a composite alarm that rings with it.
    private func actionFindings(
        of alarm: DeployedAlarm, _ composites: [WireValue], _ state: AccountState<some AccountReader>
    ) -> [Finding] {
        var carriers: [(name: String, isEnabled: Bool, actions: [String])] = [
            (alarm.name, alarm.actionsEnabled, alarm.actions)
        ]
        var suppressed: [Finding] = []
        for composite in composites {
            guard let rule = composite.text("AlarmRule").flatMap({ try? AlarmRule($0) }) else { continue }
            let names: Set = [alarm.name, alarm.arn]
            guard rule.children.contains(where: names.contains),
                rule.holds({ names.contains($0) ? .alarm : .ok }), !rule.holds({ _ in .ok })
            else { continue }
            if let suppressor = composite.text("ActionsSuppressor") {
                suppressed.append(
                    Finding(
                        .action, composite.text("AlarmName") ?? "", "\(suppressor) may hold its actions back",
                        isUnknown: true))
                continue
            }
            carriers.append(
                (
                    composite.text("AlarmName") ?? "", composite.flag("ActionsEnabled") ?? true,
                    composite.texts("AlarmActions")
                ))
        }
        var findings: [Finding] = []
        for carrier in carriers {
            let topics = carrier.actions.filter { ARN($0)?.service == "sns" }
            guard carrier.isEnabled else {
                findings.append(Finding(.action, carrier.name, "its actions are disabled"))
                continue
            }
            guard !topics.isEmpty else {
                if carrier.name == alarm.name, carriers.count > 1 { continue }
                findings.append(Finding(.action, carrier.name, "it notifies no topic when it goes into ALARM"))
                continue
            }
            for topic in topics {
                let problems = state.findings(ofTopic: topic, alarm: alarm)
                if problems.isEmpty { return [] }
                findings += problems
            }
        }
        // What is held back now and then may be the only way.
        if !suppressed.isEmpty { return suppressed }
        return findings
    }
}
