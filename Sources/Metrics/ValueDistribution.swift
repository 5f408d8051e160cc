/// How often each value of a metric was seen in one period; what percentiles are computed from.
public struct ValueDistribution: Hashable, Sendable {
    private var counts: [Double: Double] = [:]

    public init() {}

    public mutating func add(_ value: Double, count: Double = 1) {
        counts[value, default: 0] += count
    }

    public mutating func merge(_ other: ValueDistribution) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    public var sampleCount: Double { counts.values.reduce(0, +) }

    /// The smallest value that at least `percent` per cent of the samples do not exceed; nil without samples.
    public func percentile(_ percent: Double) -> Double? {
        let rank = sampleCount * percent / 100
        var seen = 0.0
        var last: Double?
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
            seen += count
            last = value
            if seen >= rank { return value }
        }
        return last
    }

    /// The mean of the samples between two percentiles, those at the bounds in part; nil without samples.
    public func trimmedMean(from low: Double, to high: Double) -> Double? {
        let total = sampleCount
        let begin = total * low / 100
        let end = total * high / 100
        var seen = 0.0
        var sum = 0.0
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
            let part = Swift.min(seen + count, end) - Swift.max(seen, begin)
            if part > 0 { sum += value * part }
            seen += count
        }
        return end > begin && total > 0 ? sum / (end - begin) : nil
    }
}
