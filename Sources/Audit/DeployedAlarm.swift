internal import AWSCore
internal import Alarms
internal import Metrics
internal import WireValues

/// An alarm of the account, with what it would do.
struct DeployedAlarm {
    let name: String
    let arn: String
    let actionsEnabled: Bool
    let actions: [String]
    /// The metrics it is about, with their dimensions.
    let metrics: [Metric]
    private let alarm: MetricAlarm?
    private let queries: [MetricDataQuery]?
    private let unit: String?

    init(_ value: WireValue) {
        name = value.text("AlarmName") ?? ""
        arn = value.text("AlarmArn") ?? name
        actionsEnabled = value.flag("ActionsEnabled") ?? true
        actions = value.texts("AlarmActions")
        // Metrics of other accounts are not those of the filters here.
        let math = value.items("Metrics").filter { $0.text("AccountId") == nil }.map(Self.query)
        queries = math.isEmpty ? nil : math
        metrics = queries.map { $0.compactMap { $0.stat?.metric } } ?? [Self.metric(value)]
        unit = value.text("Unit")
        let period =
            value["Period"] == nil ? math.compactMap { $0.stat?.period }.first ?? 60 : value.whole("Period")
        let treatment = value.text("TreatMissingData")
        // Whatever is not understood leaves the alarm unjudged.
        guard let threshold = value.number("Threshold"), let periods = value.whole("EvaluationPeriods"),
            let comparison = value.text("ComparisonOperator").flatMap(ComparisonOperator.init),
            let period, let statistic = Statistic(value.text("Statistic") ?? value.text("ExtendedStatistic") ?? "Sum"),
            let missing = treatment.map({ TreatMissingData(rawValue: $0) }) ?? .missing,
            math.allSatisfy({ $0.stat.map { Statistic($0.name) != nil } ?? true })
        else {
            alarm = nil
            return
        }
        alarm = MetricAlarm(
            name: name, statistic: statistic, period: period, evaluationPeriods: periods,
            datapointsToAlarm: value.whole("DatapointsToAlarm"), threshold: threshold, comparisonOperator: comparison,
            treatMissingData: missing)
    }

    /// The unit in which it watches a metric; nil takes any.
    func unit(of metric: Metric) -> String? {
        queries?.first { $0.stat?.metric == metric }?.stat?.unit ?? unit
    }

    private static func metric(_ value: WireValue) -> Metric {
        let dimensions = value.items("Dimensions").map {
            Dimension(name: $0.text("Name") ?? "", value: $0.text("Value") ?? "")
        }
        return Metric(
            namespace: value.text("Namespace") ?? "", name: value.text("MetricName") ?? "", dimensions: dimensions)
    }

    private static func query(_ value: WireValue) -> MetricDataQuery {
        let stat = value["MetricStat"].map { stat in
            MetricDataQuery.Stat(
                metric: stat["Metric"].map(metric) ?? Metric(namespace: "", name: "", dimensions: []),
                period: stat.whole("Period") ?? 60, name: stat.text("Stat") ?? "Sum", unit: stat.text("Unit"))
        }
        return MetricDataQuery(
            id: value.text("Id") ?? "", label: value.text("Label"), returnsData: value.flag("ReturnData") ?? true,
            stat: stat, expression: value.text("Expression"), period: value.whole("Period"))
    }

    // MARK: What it takes to ring

    /// What rings the alarm.
    enum Ringing: Equatable {
        /// So many events within a minute.
        case events(Int)
        /// Only events that go on and on.
        case lastingEvents
        /// It is in ALARM without any event, so one changes nothing.
        case always
        case never
        /// It compares with something that an audit does not work out, such as an anomaly band.
        case unknown
    }

    /// Lets events happen, and judges what the alarm would see: the same evaluation as the service's.
    ///
    /// - Parameters:
    ///   - value: what the filter publishes for an event.
    ///   - fallback: what it publishes for a minute without one; nil publishes nothing.
    func ringing(on metric: Metric, value: Double, fallback: Double?) -> Ringing {
        guard let alarm, (10...604_800).contains(alarm.period), (1...100_000).contains(alarm.evaluationPeriods),
            alarm.evaluationRange * alarm.period <= 86_400 * 8
        else { return .unknown }
        do throws(MetricMath.Fault) {
            if try rings(alarm, metric, value, fallback, events: 0, lasting: false) { return .always }
            for count in [1, 2, 3, 5, 10, 20, 50, 100, 1000] {
                if try rings(alarm, metric, value, fallback, events: count, lasting: false) { return .events(count) }
            }
            return try rings(alarm, metric, value, fallback, events: 1, lasting: true) ? .lastingEvents : .never
        } catch {
            return .unknown
        }
    }

    private func rings(
        _ alarm: MetricAlarm, _ metric: Metric, _ value: Double, _ fallback: Double?, events: Int, lasting: Bool
    ) throws(MetricMath.Fault) -> Bool {
        let reach = Int64(max(1, alarm.evaluationRange * alarm.period / 60))
        let event: Int64 = 1_000_000
        var series = MinuteSeries()
        for minute in event - reach - 1...event + reach + 1 {
            if events > 0, minute == event || lasting && minute > event {
                series.add(PeriodAggregate(value: value, count: Double(events)), minute: minute)
            } else if let fallback {
                series.add(PeriodAggregate(value: fallback), minute: minute)
            }
        }
        for minute in event + 1...event + reach {
            let now = Timestamp(seconds: minute * 60)
            let verdict = alarm.evaluate(try window(alarm, metric, series, now), current: .ok)
            if verdict.state == .alarm, !verdict.keepsState { return true }
        }
        return false
    }

    private func window(
        _ alarm: MetricAlarm, _ metric: Metric, _ series: MinuteSeries, _ now: Timestamp
    ) throws(MetricMath.Fault) -> PeriodWindow {
        guard let queries else { return PeriodWindow(of: series, for: alarm, at: now) }
        let starts = PeriodWindow.starts(for: alarm, at: now)
        let request = MetricDataRequest(queries, periods: starts, period: alarm.period) { stat in
            guard stat.metric == metric, let statistic = Statistic(stat.name) else { return [:] }
            var values: [Timestamp: Double] = [:]
            for start in starts {
                let stop = start.advanced(bySeconds: Int64(alarm.period))
                values[start] = series.aggregate(from: start, to: stop).flatMap { statistic.value($0) }
            }
            return values
        }
        guard let returned = queries.first(where: \.returnsData) else { return PeriodWindow([]) }
        let values = try request.series(of: returned).first ?? [:]
        return PeriodWindow(
            starts.map { start in values[start].flatMap { $0.isFinite ? Datapoint(start: start, value: $0) : nil } })
    }
}

extension WireValue {
    /// A number that counts something.
    fileprivate func whole(_ name: String) -> Int? { number(name).flatMap { Int(exactly: $0) } }
}
