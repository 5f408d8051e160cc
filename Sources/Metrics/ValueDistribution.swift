/// How often each value of a metric was seen in one period; what percentiles are computed from.
public struct ValueDistribution: Hashable, Sendable {
    /// Each value with its count, in order of the values.
    public private(set) var counts: [(value: Double, count: Double)] = []

    public init() {}

    public static func == (a: ValueDistribution, b: ValueDistribution) -> Bool {
        a.counts.elementsEqual(b.counts) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        for (value, count) in counts {
            hasher.combine(value)
            hasher.combine(count)
        }
    }

    public mutating func add(_ value: Double, count: Double = 1) {
        var low = 0
        var high = counts.count
        while low < high {
            let middle = (low + high) / 2
            if counts[middle].value < value { low = middle + 1 } else { high = middle }
        }
        if low < counts.count, counts[low].value == value {
            counts[low].count += count
        } else {
            counts.insert((value, count), at: low)
        }
    }

    public mutating func merge(_ other: ValueDistribution) {
        for (value, count) in other.counts { add(value, count: count) }
    }

    public var sampleCount: Double { counts.reduce(0) { $0 + $1.count } }

    /// The smallest value that at least `percent` per cent of the samples do not exceed; nil without samples.
    public func percentile(_ percent: Double) -> Double? {
        let rank = sampleCount * percent / 100
        var seen = 0.0
        var last: Double?
        for (value, count) in counts {
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
        for (value, count) in counts {
            let part = Swift.min(seen + count, end) - Swift.max(seen, begin)
            if part > 0 { sum += value * part }
            seen += count
        }
        return end > begin && total > 0 ? sum / (end - begin) : nil
    }
}
