internal import AWSCore
internal import AWSWire
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let getMetricData = data("GetMetricData") { (input, call) throws(AWSFault) in
        guard let start = try input.timestamp("StartTime") else { throw input.missing("StartTime") }
        guard let end = try input.timestamp("EndTime") else { throw input.missing("EndTime") }
        guard start.seconds <= end.seconds else {
            throw AWSFault.Monitoring.validation("The parameter EndTime must be greater than StartTime.")
        }
        guard start.seconds < end.seconds else {
            throw AWSFault.Monitoring.validation("The parameter StartTime must not equal parameter EndTime.")
        }
        let queries = try MetricDataQuery.list(input, "MetricDataQueries", 1...500)
        let isAscending = try input.string("ScanBy") == "TimestampAscending"
        return try call.perform { (state, now) throws(AWSFault) in
            var results: [WireValue] = []
            for query in queries where query.returnsData {
                let answer = MetricAnswer(query, queries, state, call.scope, from: start, to: end, at: now)
                results += try answer.values(isAscending: isAscending)
            }
            return ["MetricDataResults": .list(results), "Messages": []]
        }
    }
}

extension MetricDataQuery {
    /// Reads queries, and refuses what no evaluation could make sense of.
    static func list(_ input: WireReader, _ name: String, _ count: ClosedRange<Int>) throws(AWSFault)
        -> [MetricDataQuery]
    {
        var queries: [MetricDataQuery] = []
        for (i, item) in try input.list(name, count).enumerated() {
            let query = try MetricDataQuery(item, place: "\(name).member.\(i + 1)")
            guard !queries.contains(where: { $0.id == query.id }) else {
                throw AWSFault.Monitoring.validation("The values for parameter id in \(name) are not unique.")
            }
            queries.append(query)
        }
        return queries
    }

    private init(_ item: WireReader, place: String) throws(AWSFault) {
        let id = try item.required("Id", .length(1...255))
        let isLegal = id.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0))
        }
        guard let first = id.unicodeScalars.first, ("a"..."z").contains(first), isLegal else {
            throw AWSFault.Monitoring.validation(
                "The value \(id) for parameter \(place).Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.")
        }
        let expression = try item.string("Expression", .length(1...2048))
        if let expression {
            do throws(MetricExpression.Fault) {
                _ = try MetricExpression(expression)
            } catch {
                throw AWSFault.Monitoring.validation(
                    "Error in expression '\(id)': \(error.message), at character \(error.place + 1)")
            }
        }
        var stat: Stat?
        if let given = try item.structure("MetricStat") {
            guard let named = try given.structure("Metric") else { throw given.missing("Metric") }
            guard let period = try given.integer("Period", 1...86_400) else { throw given.missing("Period") }
            let name = try given.required("Stat")
            guard Statistic(name) != nil else {
                throw AWSFault.Monitoring.validation(
                    "The value \(name) for parameter \(place).MetricStat.Stat is not supported.")
            }
            stat = Stat(
                metric: try named.metric(), period: period, name: name, unit: try given.string("Unit", WireReader.units)
            )
        }
        guard (stat == nil) != (expression == nil) else {
            throw AWSFault.Monitoring.validation(
                stat == nil
                    ? "The parameter \(place).MetricStat is required.\n"
                    : "The parameters \(place).Expression and \(place).MetricStat are mutually exclusive and you have "
                        + "specified both.")
        }
        self.init(
            id: id, label: try item.string("Label"), returnsData: try item.bool("ReturnData") ?? true, stat: stat,
            expression: expression, period: try item.integer("Period", 1...86_400))
    }
}

/// The answer to one query of a request.
private struct MetricAnswer {
    private let query: MetricDataQuery
    private let queries: [MetricDataQuery]
    private let state: PipelineState
    private let scope: Scope
    private let start: Timestamp
    private let end: Timestamp
    private let now: Timestamp

    init(
        _ query: MetricDataQuery, _ queries: [MetricDataQuery], _ state: PipelineState, _ scope: Scope,
        from start: Timestamp, to end: Timestamp, at now: Timestamp
    ) {
        (self.query, self.queries, self.state, self.scope) = (query, queries, state, scope)
        (self.start, self.end, self.now) = (start, end, now)
    }

    /// The begins of the periods, aligned, so that a query gives the same values whenever it is asked.
    private func periods(_ length: Int) -> [Timestamp] {
        let length = max(60, length)
        let first = start.seconds / Int64(length) * Int64(length)
        return Periods(from: Timestamp(seconds: first), to: end, seconds: length, at: now).starts
    }

    /// Of several units the first in the alphabet is taken.
    private func read(_ stat: MetricDataQuery.Stat) -> [Timestamp: Double] {
        let length = max(60, stat.period)
        let begins = periods(length)
        let units = state.series(of: stat.metric, in: scope, from: begins.first?.minute ?? 0)
        guard let unit = stat.unit ?? units.keys.min(), let series = units[unit], let statistic = Statistic(stat.name)
        else { return [:] }
        var values: [Timestamp: Double] = [:]
        for begin in begins {
            let stop = begin.advanced(bySeconds: Int64(length))
            values[begin] = series.aggregate(from: begin, to: stop).flatMap { statistic.value($0) }
        }
        return values
    }

    func values(isAscending: Bool) throws(AWSFault) -> [WireValue] {
        let length = query.stat?.period ?? query.period ?? queries.compactMap { $0.stat?.period }.min() ?? 60
        let request = MetricDataRequest(queries, periods: periods(length), period: length, read: read)
        let all: [[Timestamp: Double]]
        do throws(MetricMath.Fault) {
            all = try request.series(of: query)
        } catch {
            throw AWSFault.Monitoring.validation("Error in expression '\(query.id)': \(error.message)")
        }
        return all.map { value($0, isAscending: isAscending) }
    }

    private func value(_ series: [Timestamp: Double], isAscending: Bool) -> WireValue {
        var points = series.filter { $0.value.isFinite }.sorted { $0.key < $1.key }
        if !isAscending { points.reverse() }
        var members = [
            WireMember("Id", .string(query.id)), WireMember("Label", .string(query.label ?? defaultLabel)),
            WireMember("Timestamps", .list(points.map { .timestamp($0.key) })),
            WireMember("Values", .list(points.map { .number($0.value) })), WireMember("StatusCode", "Complete"),
        ]
        if let stat = query.stat, stat.unit == nil {
            let present = state.series(of: stat.metric, in: scope, from: start.minute).keys.sorted()
            if present.count > 1 {
                let text = "Multiple units returned: '[\(present.joined(separator: ", "))]'"
                members.append(WireMember("Messages", [["Code": "MultipleUnits", "Value": .string(text)]]))
            }
        }
        return .structure(members)
    }

    /// The metric's name, with what tells the queries of the request apart; an expression's id.
    private var defaultLabel: String {
        guard let stat = query.stat else { return query.id }
        let stats = queries.compactMap(\.stat)
        var label = stat.metric.name
        if Set(stats.map(\.name)).count > 1 { label += " " + stat.name }
        if Set(stats.map(\.period)).count > 1 { label += " \(stat.period)" }
        return label
    }
}
