public import AWSCore
public import Metrics

/// A time during which an alarm was in ALARM.
public struct AlarmEpisode: Hashable, Sendable {
    public var start: Timestamp
    /// Nil when the data end while the alarm is on for good.
    public var end: Timestamp?
    public var reason: String
}

extension MetricAlarm {
    /// When the alarm would have been on, had it watched `series` from before its first minute on.
    ///
    /// The evaluation is that of the service, made at every full minute; minutes between which nothing can change are
    /// passed over, so a year costs no more than its busy hours.
    public func replay(_ series: MinuteSeries) -> [AlarmEpisode] {
        let filled = series.filledMinutes
        guard let first = filled.first else { return [] }
        let reach = Int64(evaluationRange * period / 60) + 1
        var episodes: [AlarmEpisode] = []
        var state = AlarmState.insufficientData
        var minute = first
        var next = 0
        while true {
            let instant = Timestamp(seconds: minute * 60)
            let verdict = evaluate(PeriodWindow(of: series, for: self, at: instant), current: state)
            if verdict.state != state {
                if verdict.state == .alarm {
                    episodes.append(AlarmEpisode(start: instant, end: nil, reason: verdict.reason))
                } else if state == .alarm {
                    episodes[episodes.count - 1].end = instant
                }
                state = verdict.state
            }
            while next < filled.count, filled[next] < minute { next += 1 }
            let lastFilled =
                next < filled.count && filled[next] == minute ? minute : (next > 0 ? filled[next - 1] : first)
            if minute <= lastFilled + reach {
                minute += 1
            } else {
                guard next < filled.count else { return episodes }
                minute = filled[next]
            }
        }
    }
}
