/// What is kept of all values of a metric in one period: enough for every statistic but percentiles.
public struct PeriodAggregate: Hashable, Sendable {
    public private(set) var sampleCount: Double
    public private(set) var sum: Double
    public private(set) var minimum: Double
    public private(set) var maximum: Double

    /// A value that was seen `count` times.
    public init(value: Double, count: Double = 1) {
        sampleCount = count
        sum = value * count
        minimum = value
        maximum = value
    }

    /// A statistic set, as `PutMetricData` takes it (CloudWatch API Reference, `StatisticSet`).
    public init(sampleCount: Double, sum: Double, minimum: Double, maximum: Double) {
        self.sampleCount = sampleCount
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    public mutating func merge(_ other: PeriodAggregate) {
        sampleCount += other.sampleCount
        sum += other.sum
        minimum = Swift.min(minimum, other.minimum)
        maximum = Swift.max(maximum, other.maximum)
    }

    public var average: Double { sum / sampleCount }
}
