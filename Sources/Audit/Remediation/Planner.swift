public import AWSCore
public import Controls
internal import Coverage
internal import FilterPattern
internal import Metrics
internal import WireValues

/// Plans what mends the links that an audit found broken, with what is there already: a filter that covers a control
/// gets its alarm, a topic that tells somebody is told, and nothing that exists is written over.
public struct Planner {
    let version: BenchmarkVersion
    let controls: [Control]
    let options: RemediationOptions
    private let audit: Audit

    /// - Parameters:
    ///   - exceptions: to be judged with, besides those that the account's server names.
    ///   - now: by which they have ended or not.
    public init(
        _ controls: [Control], in version: BenchmarkVersion, options: RemediationOptions,
        exceptions: [ControlException] = [], at now: Timestamp
    ) {
        self.version = version
        self.controls = controls
        self.options = options
        audit = Audit(controls, in: version, exceptions: exceptions, at: now)
    }

    /// - Returns: the plan, and the audit that it is made from.
    public func plan(_ reader: some AccountReader, regions: [String]) -> (Plan, AuditReport) {
        let state = AccountState(reader, regions: regions)
        let report = audit.report(state)
        var plan = Plan(account: state.account, region: regions.first ?? "us-east-1")
        for control in controls where options.style != nil && control.subject == .events {
            if case .canonical(_, let note?) = text(for: control) { plan.note(note) }
        }
        let wanting = report.results.filter { needsWork($0, state) }
        if !wanting.isEmpty {
            var work = Work(planner: self, state: state, plan: plan)
            work.mend(wanting)
            plan = work.plan
        }
        return (plan, report)
    }

    /// A control that is in force needs nothing, unless an auditor insists on a text.
    private func needsWork(_ result: ControlResult, _ state: AccountState<some AccountReader>) -> Bool {
        // One that floods is drowned: nobody is told of the events it is about.
        // And a gap that an exception opens is mended by the one who wrote it.
        guard result.chainVerdict == .covered || result.chainVerdict == .notApplicable else { return true }
        guard result.control.subject == .events, case .insisted(let text) = text(for: result.control) else {
            return false
        }
        return !result.patterns.contains { options.style?.accepts($0, for: text) ?? false }
    }

    enum NewText {
        /// Whatever covers the control will do; with a note, if an auditor would want another.
        case canonical(String, note: String?)
        /// What an auditor wants to see, by its letters.
        case insisted(String)
    }

    /// The text of a new filter.
    func text(for control: Control) -> NewText {
        let canonical = control.requirement(in: version)
        guard let style = options.style else { return .canonical(canonical, note: nil) }
        switch style.text(for: control, in: version) {
        case .unknown:
            return .canonical(canonical, note: "\(control.id): \(style.rawValue) has no such control, and so no text")
        case .text(let text):
            let coverage = Coverage(of: control, in: version, by: [try? FilterPattern(text)])
            if coverage.verdict == .covers { return .insisted(text) }
            let gap = coverage.missing.isEmpty ? "some of its events" : coverage.missing.joined(separator: ", ")
            return .canonical(
                canonical,
                note: "\(control.id): the text that \(style.rawValue) wants does not see \(gap), which version "
                    + "\(version.rawValue) requires; no one text satisfies both, and the one that covers is used")
        }
    }
}

/// A plan that is being made.
struct Work<Reader: AccountReader> {
    let planner: Planner
    let state: AccountState<Reader>
    var plan: Plan

    private var options: RemediationOptions { planner.options }
    /// The topic of new alarms, once one was needed.
    private var chosenTopic: String?
    /// Names that are taken by steps.
    private var takenAlarms: Set<String> = []
    private var takenFilters: Set<String> = []

    init(planner: Planner, state: AccountState<Reader>, plan: Plan) {
        self.planner = planner
        self.state = state
        self.plan = plan
    }

    mutating func mend(_ results: [ControlResult]) {
        for result in results where result.control.subject == .securityHub {
            for region in result.regions {
                plan.add([.enableSecurityHub], in: region, for: result.control.id)
            }
        }
        let watched = results.filter { $0.control.subject == .events }
        guard !watched.isEmpty else { return }
        guard !state.account.isEmpty else {
            plan.obstacle("which account this is could not be read: sts:GetCallerIdentity failed")
            return
        }
        if let failure = state.failure {
            plan.obstacle("the trails could not be read: \(failure.words)")
            return
        }
        guard let group = mendTrail(watched.map(\.control.id)) else { return }
        for result in watched { mend(result, group) }
    }

    // MARK: Trail

    /// Sees to a trail that records everything and delivers to a log group.
    ///
    /// - Returns: the log group; nil when that takes a person.
    private mutating func mendTrail(_ controls: [String]) -> String? {
        func rank(_ trail: TrailState) -> Int { trail.findings.filter { !$0.isMild }.count }
        let own = state.trails.filter { $0.account == state.account || state.account.isEmpty }
        // One that delivers to a group here first, then the one with the least to mend.
        let delivering = own.filter { $0.logGroup != nil && $0.logGroupARN?.account == state.account }
        guard let trail = (delivering.isEmpty ? own : delivering).min(by: { rank($0) < rank($1) }) else {
            return makeTrail(controls)
        }
        plan.region = trail.region
        if let finding = trail.findings.first(where: \.isUnknown) {
            plan.obstacle("\(finding.step.rawValue) \(finding.object): \(finding.problem)")
            return nil
        }
        if !trail.isMultiRegion {
            add([.updateTrail(name: trail.name, changes: ["IsMultiRegionTrail": true])], controls)
        }
        var group = trail.logGroup
        if trail.logGroupARN == nil {
            let name = options.logGroup ?? RemediationOptions.logGroup
            group = name
            ensure(group: name, controls)
            let changes: WireValue = [
                "CloudWatchLogsLogGroupArn": .string(arn("logs", "log-group:\(name):*")),
                "CloudWatchLogsRoleArn": .string(role(for: name, controls)),
            ]
            add([.updateTrail(name: trail.name, changes: changes)], controls)
        } else if let group {
            ensure(group: group, controls)
        }
        if trail.isLogging == false { add([.startLogging(trail: trail.name)], controls) }
        if let input = trail.openSelectors { add([.putEventSelectors(trail: trail.name, input: input)], controls) }
        for finding in trail.findings where finding.step == .delivery && trail.logGroupARN != nil {
            plan.obstacle(
                "\(finding.object): \(finding.problem); see to the role that the trail uses and to the log group")
        }
        for finding in trail.findings where finding.step == .logGroup {
            plan.obstacle("\(finding.step.rawValue) \(finding.object): \(finding.problem)")
        }
        return group
    }

    private mutating func makeTrail(_ controls: [String]) -> String {
        let name = RemediationOptions.trailName
        let trail = arn("cloudtrail", "trail/\(name)")
        let bucket = options.bucket ?? "cloudtrail-\(state.account)-\(plan.region)"
        if options.bucket == nil {
            add([.createBucket(name: bucket, account: state.account, trail: trail)], controls)
        }
        let group = options.logGroup ?? RemediationOptions.logGroup
        ensure(group: group, controls)
        let role = role(for: group, controls)
        add(
            [
                .createTrail(
                    name: name, bucket: bucket, logGroup: arn("logs", "log-group:\(group):*"), role: role),
                .startLogging(trail: name),
            ], controls)
        return group
    }

    private mutating func ensure(group: String, _ controls: [String]) {
        if case .failure(let failure) = state.filters(of: group, region: plan.region), failure.isNotFound {
            add([.createLogGroup(name: group)], controls)
        }
    }

    private mutating func role(for group: String, _ controls: [String]) -> String {
        if let role = options.role { return role }
        let name = RemediationOptions.roleName
        add([.createRole(name: name, logGroup: arn("logs", "log-group:\(group)"))], controls)
        let partition = Scope(account: state.account, region: plan.region).partition
        return "arn:\(partition):iam::\(state.account):role/\(name)"
    }

    // MARK: Filter and alarm

    private mutating func mend(_ result: ControlResult, _ group: String) {
        let control = result.control
        var chains: [FilterChain] = []
        switch state.chains(of: group, region: plan.region) {
        case .success(let all): chains = all
        case .failure(let failure) where failure.isNotFound: break
        case .failure(let failure):
            plan.obstacle("the filters of \(group): \(failure.words)")
            return
        }
        if case .failure(let failure) = state.alarms(in: plan.region) {
            plan.obstacle("the alarms of \(plan.region): \(failure.words)")
            return
        }
        let ways: [Way]
        let text: String
        switch planner.text(for: control) {
        case .canonical(let canonical, _):
            text = canonical
            ways = reuses(chains, for: control)
        case .insisted(let wanted):
            text = wanted
            ways = chains.filter { options.style?.accepts($0.text, for: wanted) ?? false }
                .compactMap { chain in chain.counter.map { way(to: $0, chain, control) } }
        }
        take(ways.min { $0.cost < $1.cost } ?? newFilter(text, for: control, group, chains), for: control)
    }

    /// How somebody can be told of the events that a metric counts.
    private struct Way {
        var steps: [Step] = []
        var needsTopic: Step.Alarm?
        var pending: [String] = []
        var obstacles: [String] = []

        var cost: Int { steps.count + (needsTopic == nil ? 0 : 1) }
    }

    /// The metrics of filters that would cover the control, with the alarms that are needed for that.
    private mutating func reuses(_ chains: [FilterChain], for control: Control) -> [Way] {
        let drowned = state.drowned(chains, for: control, in: planner.version)
        let meant = chains.filter { chain in
            state.isMeant(chain, for: control, in: planner.version) && !drowned.contains(chain.counter)
        }
        let live = meant.filter(\.isLive)
        var metrics: [Metric] = []
        for chain in meant { if let metric = chain.counter, !metrics.contains(metric) { metrics.append(metric) } }
        return metrics.compactMap { metric in
            let filters = meant.filter { $0.counter == metric }
            guard let first = filters.first,
                Coverage.covers(control, in: planner.version, by: (filters + live).compactMap(\.pattern))
            else { return nil }
            return way(to: metric, first, control)
        }
    }

    private mutating func newFilter(
        _ pattern: String, for control: Control, _ group: String, _ chains: [FilterChain]
    ) -> Way {
        let taken = takenFilters.union(chains.map(\.name))
        let name = Self.free(control.metricName, taken)
        takenFilters.insert(name)
        // Alarms may be there already, for a filter that is gone.
        let namespace = RemediationOptions.namespace
        let drowned = state.drowned(chains, for: control, in: planner.version).compactMap { $0 }
            .filter { $0.namespace == namespace }.map(\.name)
        let metric = Metric(namespace: namespace, name: Self.free(control.metricName, Set(drowned)))
        let filter: WireValue = [
            "filterName": .string(name), "filterPattern": .string(pattern),
            "metricTransformations": [
                [
                    "metricName": .string(metric.name), "metricNamespace": .string(metric.namespace),
                    "metricValue": "1",
                ]
            ],
        ]
        var way = way(to: metric, FilterChain(filter, plan.region, state), control)
        way.steps.insert(
            .putMetricFilter(
                Step.MetricFilter(
                    name: name, logGroup: group, pattern: pattern, namespace: metric.namespace, metric: metric.name)),
            at: 0)
        return way
    }

    private func way(to metric: Metric, _ chain: FilterChain, _ control: Control) -> Way {
        if chain.isLive { return Way() }
        let mended = chain.alarms.compactMap { mend($0.alarm, $0.problems) }
        if let best = mended.min(by: { $0.cost < $1.cost }) { return best }
        let alarms = (try? state.alarms(in: plan.region).get())
        let names = takenAlarms.union((alarms?.metric ?? []).map(\.name))
            .union((alarms?.composite ?? []).compactMap { $0.text("AlarmName") })
        let number = control.number(in: planner.version).map { "CIS \(planner.version.rawValue) \($0): " } ?? ""
        return Way(
            needsTopic: Step.Alarm(
                name: Self.free(control.metricName, names), description: number + control.title,
                namespace: metric.namespace, metric: metric.name, topic: ""))
    }

    /// What lets an alarm tell somebody; nil when another is needed.
    private func mend(_ alarm: DeployedAlarm, _ problems: [Finding]) -> Way? {
        let broken = problems.filter { !$0.isMild }
        // What it is about, or when it rings, may be meant so.
        guard !broken.contains(where: { $0.step == .alarm || $0.step == .filter }) else { return nil }
        let topics = alarm.actions.filter { ARN($0)?.service == "sns" && ARN($0)?.account == state.account }
        guard !topics.isEmpty else { return nil }
        let isSilent = !alarm.actionsEnabled
        let enabling: [Step] = isSilent ? [.enableAlarmActions(alarm: alarm.name)] : []
        let ways = topics.compactMap { telling($0, of: alarm) }
        // One that waits for a person is better than one more alarm on the same topic.
        guard var best = ways.min(by: { ($0.obstacles.count, $0.cost) < ($1.obstacles.count, $1.cost) }) else {
            return nil
        }
        best.steps = enabling + best.steps
        return best
    }

    /// What lets a topic tell somebody, or the obstacle; nil for what is no topic.
    private func telling(_ arn: String, of alarm: DeployedAlarm?) -> Way? {
        guard let topic = ARN(arn) else { return nil }
        let nobody = "nobody is told by \(arn): say who with --notify email:you@example.org"
        switch state.subscriptions(of: topic, arn) {
        case .failure(let failure):
            guard failure.isNotFound else { return Way(obstacles: ["\(arn): \(failure.words)"]) }
            if options.endpoints.isEmpty {
                return Way(steps: [.createTopic(name: topic.resource)], obstacles: [nobody])
            }
            return Way(steps: [.createTopic(name: topic.resource)] + subscribing(options.endpoints, arn))
        case .success(let subscriptions):
            let known = Set(subscriptions.compactMap { $0.text("Endpoint") })
            let missing = options.endpoints.filter { !known.contains($0.address) }
            let waiting = subscriptions.filter { $0.text("SubscriptionArn")?.hasPrefix("arn:") != true }
                .compactMap { $0.text("Endpoint") }.map { TopicEndpoint.shown($0) }
            let confirmed = subscriptions.count - waiting.count
            if let alarm, confirmed > 0, missing.isEmpty {
                let findings = state.findings(ofTopic: arn, alarm: alarm)
                if !findings.isEmpty { return Way(obstacles: findings.map { "\($0.object): \($0.problem)" }) }
            }
            if confirmed == 0, waiting.isEmpty, missing.isEmpty { return Way(obstacles: [nobody]) }
            return Way(steps: subscribing(missing, arn), pending: confirmed == 0 ? waiting : [])
        }
    }

    private func subscribing(_ endpoints: [Step.Endpoint], _ topic: String) -> [Step] {
        endpoints.map { .subscribe(topic: topic, endpoint: $0) }
    }

    private mutating func take(_ way: Way, for control: Control) {
        if var alarm = way.needsTopic {
            alarm.topic = topic(for: control.id)
            takenAlarms.insert(alarm.name)
            add(way.steps + [.putMetricAlarm(alarm)], [control.id])
        } else {
            add(way.steps, [control.id])
        }
        note(way)
    }

    private mutating func note(_ way: Way) {
        for endpoint in way.pending where !plan.pending.contains(endpoint) { plan.pending.append(endpoint) }
        for words in way.obstacles { plan.obstacle(words) }
    }

    // MARK: Topic

    /// The topic of new alarms: what the options name, else one that alarms here tell already, else one that is made.
    private mutating func topic(for control: String) -> String {
        if let chosenTopic {
            // What the topic needs, this control needs too.
            for entry in plan.entries {
                switch entry.step {
                case .createTopic(let name) where chosenTopic.hasSuffix(":" + name): add([entry.step], [control])
                case .subscribe(chosenTopic, _): add([entry.step], [control])
                default: break
                }
            }
            return chosenTopic
        }
        let usual = arn("sns", RemediationOptions.topicName)
        let chosen = options.topic ?? usedTopic() ?? usual
        chosenTopic = chosen
        if let way = telling(chosen, of: nil) {
            add(way.steps, [control])
            note(way)
        }
        return chosen
    }

    /// Of the topics that alarms of the region tell, the one that tells most of them, if somebody has confirmed it, and
    /// if those who are to be told are there.
    private func usedTopic() -> String? {
        guard let alarms = try? state.alarms(in: plan.region).get() else { return nil }
        var uses: [String: Int] = [:]
        for alarm in alarms.metric {
            for action in alarm.actions where ARN(action)?.service == "sns" && ARN(action)?.account == state.account {
                uses[action, default: 0] += 1
            }
        }
        // One whose subscribers do not get the messages of the alarms that tell it is no use to another.
        let known = uses.keys.filter { arn in
            alarms.metric.contains { $0.actions.contains(arn) && state.findings(ofTopic: arn, alarm: $0).isEmpty }
                || !options.endpoints.isEmpty
        }.sorted { (-(uses[$0] ?? 0), $0) < (-(uses[$1] ?? 0), $1) }
        return known.first { arn in
            guard let topic = ARN(arn), case .success(let found) = state.subscriptions(of: topic, arn) else {
                return false
            }
            let addresses = Set(found.compactMap { $0.text("Endpoint") })
            guard options.endpoints.allSatisfy({ addresses.contains($0.address) }) else { return false }
            return !options.endpoints.isEmpty
                || found.contains { $0.text("SubscriptionArn")?.hasPrefix("arn:") == true }
        }
    }

    private mutating func add(_ steps: [Step], _ controls: [String]) {
        for control in controls { plan.add(steps, in: plan.region, for: control) }
    }

    private func arn(_ service: String, _ resource: String) -> String {
        Scope(account: state.account, region: plan.region).arn(service, resource)
    }

    /// The name, or the next one that is not taken.
    private static func free(_ name: String, _ taken: Set<String>) -> String {
        if !taken.contains(name) { return name }
        return (2...).lazy.map { "\(name)-\($0)" }.first { !taken.contains($0) } ?? name
    }
}
