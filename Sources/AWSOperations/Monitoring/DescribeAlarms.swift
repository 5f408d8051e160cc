internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let describeAlarms = read("DescribeAlarms") { (input, call, state, _) throws(AWSFault) in
        let names = try input.strings("AlarmNames", 0...100)
        let prefix = try input.string("AlarmNamePrefix")
        if !names.isEmpty, prefix != nil {
            throw AWSFault.Monitoring.combination(
                "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.")
        }
        // Without a type only metric alarms are meant.
        let types = try input.strings("AlarmTypes")
        let wanted = try input.string("StateValue", WireReader.states)
        let action = try input.string("ActionPrefix")
        func admits(_ state: AlarmState, _ actions: [String]) -> Bool {
            (wanted == nil || state.rawValue == wanted)
                && (action == nil || actions.contains { $0.hasPrefix(action ?? "") })
        }
        var all: [(name: String, isComposite: Bool, value: WireValue)] = []
        func chosen<Alarm>(_ table: Table<Alarm>) -> [Alarm] {
            names.isEmpty
                ? table.all(in: call.scope, prefix: prefix ?? "")
                : Set(names).sorted().compactMap { table[call.scope, $0] }
        }
        if types.isEmpty || types.contains("MetricAlarm") {
            for alarm in chosen(state.alarms)
            where admits(alarm.state, alarm.okActions + alarm.alarmActions + alarm.insufficientDataActions) {
                all.append((alarm.name, false, alarm.value(in: call.scope)))
            }
        }
        if types.contains("CompositeAlarm") {
            for alarm in chosen(state.compositeAlarms)
            where admits(alarm.state, alarm.okActions + alarm.alarmActions + alarm.insufficientDataActions) {
                all.append((alarm.name, true, alarm.value(in: call.scope)))
            }
        }
        if let child = try input.string("ParentsOfAlarmName") {
            let parents = Set(state.parents(of: child, in: call.scope).map(\.name))
            all = all.filter { parents.contains($0.name) }
        }
        if let parent = try input.string("ChildrenOfAlarmName") {
            let rule = state.compositeAlarms[call.scope, parent].flatMap { try? AlarmRule($0.rule) }
            let children = Set((rule?.children ?? []).map { ARN($0).map { String($0.resource.dropFirst(6)) } ?? $0 })
            all = all.filter { children.contains($0.name) }
        }
        all.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let page = try Page(
            all, name: \.name, token: try input.string("NextToken"),
            limit: try input.integer("MaxRecords", 1...100) ?? 50, invalid: AWSFault.Monitoring.badToken)
        return [
            "CompositeAlarms": .list(page.elements.filter(\.isComposite).map(\.value)),
            "MetricAlarms": .list(page.elements.filter { !$0.isComposite }.map(\.value)),
            "NextToken": WireValue(page.nextToken),
        ]
    }

    static let describeAlarmsForMetric = read("DescribeAlarmsForMetric") { (input, call, state, _) throws(AWSFault) in
        let metric = try input.metric()
        let plain = try input.string("Statistic")
        let extended = try input.string("ExtendedStatistic")
        let statistic = plain ?? extended
        let period = try input.integer("Period")
        let unit = try input.string("Unit")
        let alarms = state.alarms.all(in: call.scope).filter { alarm in
            alarm.metric == metric && (statistic ?? alarm.statistic) == alarm.statistic
                && (period ?? alarm.period) == alarm.period && (unit == nil || unit == alarm.unit)
        }
        return ["MetricAlarms": .list(alarms.map { $0.value(in: call.scope) })]
    }
}
