public import AWSCore

/// The values of one metric, folded into minutes: the granularity at which CloudWatch keeps what metric filters
/// publish (CloudWatch User Guide, "Metrics concepts").
public struct MinuteSeries: Hashable, Sendable {
    private var minutes: [Int64: PeriodAggregate] = [:]

    public init() {}

    public var isEmpty: Bool { minutes.isEmpty }

    /// Adds `aggregate` to the minute that holds `instant`.
    public mutating func add(_ aggregate: PeriodAggregate, at instant: Timestamp) {
        add(aggregate, minute: instant.minute)
    }

    public mutating func add(_ aggregate: PeriodAggregate, minute: Int64) {
        if minutes[minute] == nil {
            minutes[minute] = aggregate
        } else {
            minutes[minute]?.merge(aggregate)
        }
    }

    /// Takes back what was added to a minute.
    public mutating func subtract(_ aggregate: PeriodAggregate, minute: Int64) {
        minutes[minute] = minutes[minute]?.without(aggregate)
    }

    public mutating func merge(_ other: MinuteSeries) {
        for (minute, aggregate) in other.minutes { add(aggregate, minute: minute) }
    }

    public mutating func removeAll(before minute: Int64) {
        minutes = minutes.filter { $0.key >= minute }
    }

    /// The minutes from `start` to `end`, both included.
    public func part(from start: Int64, through end: Int64) -> MinuteSeries {
        var part = MinuteSeries()
        guard start <= end else { return part }
        if end - start < minutes.count {
            for minute in start...end { part.minutes[minute] = minutes[minute] }
        } else {
            part.minutes = minutes.filter { $0.key >= start && $0.key <= end }
        }
        return part
    }

    /// The minutes that hold values, in order.
    public var filledMinutes: [Int64] { minutes.keys.sorted() }

    /// The values of one minute; nil when there are none.
    public func aggregate(minute: Int64) -> PeriodAggregate? { minutes[minute] }

    /// The sum of the values of all minutes from `start` to `end`, both included.
    public func sum(from start: Int64, through end: Int64) -> Double {
        minutes.reduce(0) { $1.key >= start && $1.key <= end ? $0 + $1.value.sum : $0 }
    }

    /// How many values there are.
    public var count: Double { minutes.values.reduce(0) { $0 + $1.sampleCount } }

    /// All values from `start`, included, to `end`, excluded; nil when there are none.
    public func aggregate(from start: Timestamp, to end: Timestamp) -> PeriodAggregate? {
        var total: PeriodAggregate?
        var minute = start.minute
        while minute < end.minute {
            if let aggregate = minutes[minute] {
                total?.merge(aggregate)
                if total == nil { total = aggregate }
            }
            minute += 1
        }
        return total
    }
}
