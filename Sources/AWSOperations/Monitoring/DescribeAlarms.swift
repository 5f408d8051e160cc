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
        let types = try input.strings("AlarmTypes")
        var alarms =
            names.isEmpty
            ? state.alarms.all(in: call.scope, prefix: prefix ?? "")
            : Set(names).sorted().compactMap { state.alarms[call.scope, $0] }
        if !types.isEmpty, !types.contains("MetricAlarm") { alarms = [] }
        if let wanted = try input.string("StateValue", WireReader.states) {
            alarms = alarms.filter { $0.state.rawValue == wanted }
        }
        if let action = try input.string("ActionPrefix") {
            alarms = alarms.filter { alarm in
                (alarm.okActions + alarm.alarmActions + alarm.insufficientDataActions).contains { $0.hasPrefix(action) }
            }
        }
        let page = try Page(
            alarms, name: \.name, token: try input.string("NextToken"),
            limit: try input.integer("MaxRecords", 1...100) ?? 50, invalid: AWSFault.Monitoring.badToken)
        return [
            "CompositeAlarms": [], "MetricAlarms": .list(page.elements.map { $0.value(in: call.scope) }),
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
