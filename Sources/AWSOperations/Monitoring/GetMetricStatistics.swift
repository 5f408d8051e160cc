internal import AWSCore
internal import AWSWire
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let getMetricStatistics = data("GetMetricStatistics") { (input, call) throws(AWSFault) in
        let metric = try input.metric()
        guard let start = try input.timestamp("StartTime") else { throw input.missing("StartTime") }
        guard let end = try input.timestamp("EndTime") else { throw input.missing("EndTime") }
        guard let period = try input.integer("Period", 1...86_400) else { throw input.missing("Period") }
        let names = try input.strings("Statistics", 0...5)
        let extended = try input.strings("ExtendedStatistics", 0...10)
        guard !(names + extended).isEmpty else {
            throw AWSFault.Monitoring.combination("Must specify either Statistics or ExtendedStatistics")
        }
        let statistics = try (names + extended).map { name throws(AWSFault) in
            guard let statistic = Statistic(name) else {
                throw AWSFault.Monitoring.value("The value \(name) for parameter Statistics is not supported.")
            }
            return (name: name, statistic: statistic)
        }
        guard start.seconds < end.seconds else {
            throw AWSFault.Monitoring.value("The parameter StartTime must be less than the parameter EndTime.")
        }
        guard period % 60 == 0 || [1, 5, 10, 20, 30].contains(period) else {
            throw AWSFault.Monitoring.value(
                "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, and not \(period).")
        }
        let count = Int(end.seconds(since: start)) / period
        guard count <= 1440 else {
            throw AWSFault.Monitoring.combination(
                "You have requested up to \(count) datapoints, which exceeds the limit of 1440. You may reduce the "
                    + "datapoints requested by increasing Period, or decreasing the time range.")
        }
        let wanted = try input.string("Unit", WireReader.units)
        let points = try call.perform { (state, now) throws(AWSFault) in
            let periods = Periods(from: start, to: end, seconds: max(60, period), at: now)
            var points: [WireValue] = []
            for (unit, series) in state.series(of: metric, in: call.scope, from: periods.starts.first?.minute ?? 0)
            where unit == wanted ?? unit {
                for begin in periods.starts {
                    let stop = begin.advanced(bySeconds: Int64(max(60, period)))
                    guard let aggregate = series.aggregate(from: begin, to: stop) else { continue }
                    var members = [WireMember("Timestamp", .timestamp(begin))]
                    for (name, statistic) in statistics where names.contains(name) {
                        members.append(WireMember(name, WireValue(statistic.value(aggregate))))
                    }
                    members.append(WireMember("Unit", .string(unit)))
                    if !extended.isEmpty {
                        let values = statistics.filter { extended.contains($0.name) }.map {
                            WireMember($0.name, WireValue($0.statistic.value(aggregate)))
                        }
                        members.append(WireMember("ExtendedStatistics", .map(values)))
                    }
                    points.append(.structure(members))
                }
            }
            return points
        }
        return ["Label": .string(metric.name), "Datapoints": .list(points)]
    }
}

/// The periods of a query: from its start, rounded down to the resolution that is kept so long ago.
struct Periods {
    let starts: [Timestamp]

    init(from start: Timestamp, to end: Timestamp, seconds: Int, at now: Timestamp) {
        let age = now.seconds(since: start) / 86_400
        let grain: Int64 = age > 63 ? 3600 : age > 15 ? 300 : 60
        let first = start.minute * 60 / grain * grain
        starts = stride(from: first, to: (end.milliseconds + 999) / 1000, by: seconds).map { Timestamp(seconds: $0) }
    }
}
