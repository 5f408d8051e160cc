/// What is kept of all values of a metric in one period: enough for every statistic.
public struct PeriodAggregate: Hashable, Sendable {
    public private(set) var sampleCount: Double
    public private(set) var sum: Double
    public private(set) var minimum: Double
    public private(set) var maximum: Double
    /// The values one by one; nil when a statistic set did not tell them, or there are too many.
    public private(set) var distribution: ValueDistribution?

    /// More different values of a period are not told apart.
    private static let mostValues = 1000

    /// A value that was seen `count` times.
    public init(value: Double, count: Double = 1) {
        sampleCount = count
        sum = value * count
        minimum = value
        maximum = value
        var distribution = ValueDistribution()
        distribution.add(value, count: count)
        self.distribution = distribution
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
        if let more = other.distribution, distribution != nil {
            distribution?.merge(more)
            if distribution?.counts.count ?? 0 > Self.mostValues { distribution = nil }
        } else {
            distribution = nil
        }
    }

    /// What is left when `other`, which was merged into it, is taken out; nil when nothing is. Where single values are not
    /// known, the smallest and the largest stay what they were.
    public func without(_ other: PeriodAggregate) -> PeriodAggregate? {
        guard sampleCount > other.sampleCount else { return nil }
        var rest = self
        rest.sampleCount -= other.sampleCount
        rest.sum -= other.sum
        if let values = distribution, let taken = other.distribution {
            var left = ValueDistribution()
            for (value, count) in values.counts {
                let gone = taken.counts.first { $0.value == value }?.count ?? 0
                if count > gone { left.add(value, count: count - gone) }
            }
            rest.distribution = left
            rest.minimum = left.counts.first?.value ?? minimum
            rest.maximum = left.counts.last?.value ?? maximum
        }
        return rest
    }

    public var average: Double { sum / sampleCount }

    // MARK: As bytes

    /// The figures and the values, eight bytes each.
    public var bytes: [UInt8] {
        var numbers = [sampleCount, sum, minimum, maximum]
        for (value, count) in distribution?.counts ?? [] { numbers += [value, count] }
        return numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    }

    /// - Parameter bytes: what the member of that name gave.
    public init?(bytes: [UInt8]) {
        guard bytes.count >= 32, bytes.count % 16 == 0 else { return nil }
        let numbers = bytes.withUnsafeBytes { raw in
            stride(from: 0, to: bytes.count, by: 8).map {
                Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
            }
        }
        self.init(sampleCount: numbers[0], sum: numbers[1], minimum: numbers[2], maximum: numbers[3])
        guard numbers.count > 4 else { return }
        var distribution = ValueDistribution()
        for place in stride(from: 4, to: numbers.count, by: 2) {
            distribution.add(numbers[place], count: numbers[place + 1])
        }
        self.distribution = distribution
    }
}
