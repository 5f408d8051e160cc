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
    /// The evaluation is that of the service, which makes it at every full minute. Here it is made at those at which a minute
    /// with values comes into one of the periods or leaves it: at all others the same values give the same state.
    public func replay(_ series: MinuteSeries) -> [AlarmEpisode] {
        let filled = series.filledMinutes
        guard let first = filled.first else { return [] }
        let minutes = SortedMinutes(series, for: statistic)
        let length = Int64(max(1, period / 60))
        var episodes: [AlarmEpisode] = []
        var state = AlarmState.insufficientData
        func judge(_ minute: Int64) {
            let instant = Timestamp(seconds: minute * 60)
            let verdict = evaluate(PeriodWindow(of: minutes, for: self, at: instant), current: state)
            guard verdict.state != state else { return }
            if verdict.state == .alarm {
                episodes.append(AlarmEpisode(start: instant, end: nil, reason: verdict.reason))
            } else if state == .alarm {
                episodes[episodes.count - 1].end = instant
            }
            state = verdict.state
        }
        judge(first)
        // For each border between periods the minutes at which a value passes it come in order: the next of all is the
        // least of their heads.
        let borders = (0...Int64(evaluationRange)).map { $0 * length + 1 }
        var heads = [Int](repeating: 0, count: borders.count)
        while true {
            var next = Int64.max
            for (border, head) in zip(borders, heads) where head < filled.count {
                next = min(next, filled[head] + border)
            }
            guard next != .max else { return episodes }
            judge(next)
            for place in borders.indices
            where heads[place] < filled.count && filled[heads[place]] + borders[place] == next {
                heads[place] += 1
            }
        }
    }
}
