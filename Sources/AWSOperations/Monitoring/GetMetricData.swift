internal import AWSCore
internal import AWSWire
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let getMetricData = data("GetMetricData") { (input, call) throws(AWSFault) in
        guard let start = try input.timestamp("StartTime") else { throw input.missing("StartTime") }
        guard let end = try input.timestamp("EndTime") else { throw input.missing("EndTime") }
        guard start < end else {
            throw AWSFault.Monitoring.validation("The parameter StartTime must be less than the parameter EndTime.")
        }
        var queries: [MetricQuery] = []
        for item in try input.list("MetricDataQueries", 1...500) { queries.append(try MetricQuery(item)) }
        guard Set(queries.map(\.id)).count == queries.count else {
            throw AWSFault.Monitoring.validation("The ids of the MetricDataQueries must be unique.")
        }
        let isAscending = try input.string("ScanBy") == "TimestampAscending"
        let asked = queries
        return try call.perform { (state, now) throws(AWSFault) in
            let results = asked.filter(\.returnsData).map { query in
                query.result(asked, state, call.scope, from: start, to: end, isAscending: isAscending, at: now)
            }
            return ["MetricDataResults": .list(results), "Messages": []]
        }
    }
}

/// One query of GetMetricData: a statistic of a metric.
private struct MetricQuery {
    let id: String
    let label: String?
    let returnsData: Bool
    let metric: Metric
    let period: Int
    let statisticName: String
    let statistic: Statistic
    let unit: String?

    init(_ item: WireReader) throws(AWSFault) {
        id = try item.required("Id", .length(1...255))
        guard let first = id.unicodeScalars.first, ("a"..."z").contains(first) else {
            throw AWSFault.Monitoring.validation("The id \(id) must begin with a small letter.")
        }
        label = try item.string("Label")
        returnsData = try item.bool("ReturnData") ?? true
        guard let stat = try item.structure("MetricStat") else {
            throw AWSFault.Monitoring.validation("Metric math (Expression) is not supported by this server yet.")
        }
        guard let named = try stat.structure("Metric") else { throw stat.missing("Metric") }
        metric = try named.metric()
        guard let period = try stat.integer("Period", 1...86_400) else { throw stat.missing("Period") }
        self.period = period
        statisticName = try stat.required("Stat")
        guard let statistic = Statistic(statisticName) else {
            throw AWSFault.Monitoring.validation("The value \(statisticName) for parameter Stat is not supported.")
        }
        self.statistic = statistic
        unit = try stat.string("Unit", WireReader.units)
    }

    func result(
        _ all: [MetricQuery], _ state: PipelineState, _ scope: Scope, from start: Timestamp, to end: Timestamp,
        isAscending: Bool, at now: Timestamp
    ) -> WireValue {
        let length = max(60, period)
        // Aligned with the period, so that a query gives the same values whenever it is asked.
        let first = start.seconds / Int64(length) * Int64(length)
        let periods = Periods(from: Timestamp(seconds: first), to: end, seconds: length, at: now)
        let units = state.series(of: metric, in: scope, from: first / 60)
        let present = units.keys.sorted()
        let chosen = unit ?? present.first
        var points: [(time: Timestamp, value: Double)] = []
        if let series = chosen.flatMap({ units[$0] }) {
            for begin in periods.starts {
                let stop = begin.advanced(bySeconds: Int64(length))
                guard let value = series.aggregate(from: begin, to: stop).flatMap({ statistic.value($0) }) else {
                    continue
                }
                points.append((begin, value))
            }
        }
        if !isAscending { points.reverse() }
        var members = [
            WireMember("Id", .string(id)), WireMember("Label", .string(label ?? defaultLabel(all))),
            WireMember("Timestamps", .list(points.map { .timestamp($0.time) })),
            WireMember("Values", .list(points.map { .number($0.value) })), WireMember("StatusCode", "Complete"),
        ]
        if unit == nil, present.count > 1 {
            let text = "Multiple units returned: '[\(present.joined(separator: ", "))]'"
            members.append(WireMember("Messages", [["Code": "MultipleUnits", "Value": .string(text)]]))
        }
        return .structure(members)
    }

    /// The metric's name, with what tells the queries of the request apart.
    private func defaultLabel(_ all: [MetricQuery]) -> String {
        var label = metric.name
        if Set(all.map(\.statisticName)).count > 1 { label += " " + statisticName }
        if Set(all.map(\.period)).count > 1 { label += " \(period)" }
        return label
    }
}
