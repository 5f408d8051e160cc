/// A figure over the values of one period (CloudWatch User Guide, "CloudWatch statistics definitions").
public enum Statistic: Hashable, Sendable {
    case sampleCount, sum, average, minimum, maximum
    /// `p99.9`
    case percentile(Double)
    /// `tm90` and `TM(10%:90%)`; the interquartile mean is `TM(25%:75%)`.
    case trimmedMean(from: Double, to: Double)

    /// Reads the names of the API: `Sum`, `p95`, `tm90`, `IQM`.
    public init?(_ name: String) {
        switch name {
        case "SampleCount": self = .sampleCount
        case "Sum": self = .sum
        case "Average": self = .average
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        case "IQM": self = .trimmedMean(from: 25, to: 75)
        default:
            func percent(_ prefix: String) -> Double? {
                guard name.hasPrefix(prefix), let number = Double(name.dropFirst(prefix.count)) else { return nil }
                return (0...100).contains(number) ? number : nil
            }
            if let number = percent("tm") {
                self = .trimmedMean(from: 0, to: number)
            } else if let number = percent("p") {
                self = .percentile(number)
            } else if name.hasPrefix("TM("), name.hasSuffix("%)") {
                let bounds = name.dropFirst(3).dropLast(2).split(separator: ":", omittingEmptySubsequences: false)
                guard bounds.count == 2, bounds[0].last == "%", let low = Double(bounds[0].dropLast()),
                    let high = Double(bounds[1]), 0 <= low, low < high, high <= 100
                else { return nil }
                self = .trimmedMean(from: low, to: high)
            } else {
                return nil
            }
        }
    }

    /// The figure; nil when it needs the values one by one and they were not kept.
    ///
    /// Of statistic sets only those whose values are all equal have percentiles.
    public func value(_ aggregate: PeriodAggregate) -> Double? {
        switch self {
        case .sampleCount: return aggregate.sampleCount
        case .sum: return aggregate.sum
        case .average: return aggregate.average
        case .minimum: return aggregate.minimum
        case .maximum: return aggregate.maximum
        case .percentile(let percent):
            if aggregate.minimum == aggregate.maximum { return aggregate.minimum }
            return aggregate.distribution?.percentile(percent)
        case .trimmedMean(let low, let high):
            if aggregate.minimum == aggregate.maximum { return aggregate.minimum }
            return aggregate.distribution?.trimmedMean(from: low, to: high)
        }
    }
}
