public import AWSCore

/// The minutes of a series in order, for whoever asks for many periods of it: a period costs a search and the minutes in it
/// that hold values, however long it is.
public struct SortedMinutes: Sendable {
    private let minutes: [Int64]
    private let aggregates: [PeriodAggregate]

    /// - Parameter statistic: what is asked of the periods; single values are kept only if it needs them.
    public init(_ series: MinuteSeries, for statistic: Statistic) {
        let filled = series.filledMinutes
        minutes = filled
        aggregates = filled.compactMap { minute in
            series.aggregate(minute: minute).map { statistic.needsValues ? $0 : $0.withoutValues }
        }
    }

    /// All values from `start`, included, to `end`, excluded; nil when there are none.
    public func aggregate(from start: Timestamp, to end: Timestamp) -> PeriodAggregate? {
        var place = minutes.startIndex
        var rest = minutes.count
        while rest > 0 {
            let half = rest / 2
            if minutes[place + half] < start.minute {
                place += half + 1
                rest -= half + 1
            } else {
                rest = half
            }
        }
        var total: PeriodAggregate?
        while place < minutes.count, minutes[place] < end.minute {
            if total?.merge(aggregates[place]) == nil { total = aggregates[place] }
            place += 1
        }
        return total
    }
}

extension Statistic {
    /// Whether it is a figure over the values one by one.
    fileprivate var needsValues: Bool {
        switch self {
        case .sampleCount, .sum, .average, .minimum, .maximum: false
        case .percentile, .trimmedMean: true
        }
    }
}

extension PeriodAggregate {
    fileprivate var withoutValues: PeriodAggregate {
        PeriodAggregate(sampleCount: sampleCount, sum: sum, minimum: minimum, maximum: maximum)
    }
}
