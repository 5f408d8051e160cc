public import AWSCore
public import Metrics

/// A value of one period, with the begin of the period.
public struct Datapoint: Hashable, Sendable {
    public var start: Timestamp
    public var value: Double

    public init(start: Timestamp, value: Double) {
        self.start = start
        self.value = value
    }
}

/// The periods an alarm looks at, oldest first; nil where no data were received.
public struct PeriodWindow: Hashable, Sendable {
    public var datapoints: [Datapoint?]

    public init(_ datapoints: [Datapoint?]) {
        self.datapoints = datapoints
    }

    /// The evaluation range of `alarm` as its metric stands at `instant`: periods that end at the last full minute,
    /// so that the window slides by one minute (CloudWatch User Guide, "Alarm evaluation").
    public init(of series: MinuteSeries, for alarm: MetricAlarm, at instant: Timestamp) {
        self.init(for: alarm, at: instant) { series.aggregate(from: $0, to: $1) }
    }

    /// The same of a series that is asked often.
    init(of minutes: SortedMinutes, for alarm: MetricAlarm, at instant: Timestamp) {
        self.init(for: alarm, at: instant) { minutes.aggregate(from: $0, to: $1) }
    }

    private init(
        for alarm: MetricAlarm, at instant: Timestamp, _ aggregate: (Timestamp, Timestamp) -> PeriodAggregate?
    ) {
        datapoints = Self.starts(for: alarm, at: instant).map { start in
            let stop = start.advanced(bySeconds: Int64(alarm.period))
            guard let aggregate = aggregate(start, stop), let value = alarm.statistic.value(aggregate) else {
                return nil
            }
            return Datapoint(start: start, value: value)
        }
    }

    /// The begins of the periods of the evaluation range at `instant`, oldest first.
    public static func starts(for alarm: MetricAlarm, at instant: Timestamp) -> [Timestamp] {
        let end = Timestamp(seconds: instant.minute * 60)
        return (0..<alarm.evaluationRange).reversed().map { age in
            end.advanced(bySeconds: -Int64((age + 1) * alarm.period))
        }
    }
}
