internal import AWSCore
internal import Alarms
internal import FilterPattern
internal import Metrics
internal import WireValues

/// A metric filter and what follows from it, up to somebody who is told.
struct FilterChain {
    let name: String
    let text: String
    /// Nil when it is not legal, and so can't exist.
    let pattern: FilterPattern?
    private(set) var findings: [Finding] = []
    private(set) var isLive = false
    /// The alarm that rings, how many events it takes, and the topics it tells; nil unless it is live.
    private(set) var ringing: (alarm: String, events: Int, topics: [String])?
    /// Whether it may be live, if what could not be read is well.
    private(set) var isUncertain = false
    /// The metric that counts each event that matches; nil when it counts none, or not under that name alone.
    private(set) var counter: Metric?
    /// The alarms on that metric, with what keeps each from telling somebody.
    private(set) var alarms: [(alarm: DeployedAlarm, problems: [Finding])] = []

    init(_ filter: WireValue, _ region: String, _ state: AccountState<some AccountReader>) {
        name = filter.text("filterName") ?? ""
        text = filter.text("filterPattern") ?? ""
        pattern = try? FilterPattern(text)
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
        let isPartial = filter.text("fieldSelectionCriteria") != nil || filter.flag("applyOnTransformedLogs") == true
        if dimensions.isEmpty, !isPartial { counter = metric }
        if isPartial {
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
        _ deployed: [DeployedAlarm], _ composites: [WireValue], _ metric: Metric, _ dimensions: Set<String>,
        _ unit: String, _ value: Double, _ fallback: Double?, _ state: AccountState<some AccountReader>
    ) {
        let named = deployed.filter { alarm in
            alarm.metrics.contains { $0.namespace == metric.namespace && $0.name == metric.name }
        }
        if named.isEmpty {
            let near = deployed.first { alarm in alarm.metrics.contains { $0.name == metric.name } }
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
            self.alarms.append((alarm, own))
            if own.allSatisfy(\.isMild) {
                isLive = true
                findings = own
                var events = 1
                if case .events(let count) = alarm.ringing(on: watched, value: value, fallback: fallback) {
                    events = count
                }
                let carriers = composites.filter { $0.text("AlarmRule")?.contains(alarm.name) == true }
                let topics = (alarm.actions + carriers.flatMap { $0.texts("AlarmActions") })
                    .filter { ARN($0)?.service == "sns" }
                ringing = (alarm.name, events, topics)
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
