public import Metrics

/// The three states of an alarm.
public enum AlarmState: String, Sendable, CaseIterable, Codable {
    case ok = "OK"
    case alarm = "ALARM"
    case insufficientData = "INSUFFICIENT_DATA"
}

/// How a value is compared with the threshold.
public enum ComparisonOperator: String, Sendable, CaseIterable, Codable {
    case greaterThanOrEqualToThreshold = "GreaterThanOrEqualToThreshold"
    case greaterThanThreshold = "GreaterThanThreshold"
    case lessThanThreshold = "LessThanThreshold"
    case lessThanOrEqualToThreshold = "LessThanOrEqualToThreshold"

    public func isBreaching(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .greaterThanOrEqualToThreshold: value >= threshold
        case .greaterThanThreshold: value > threshold
        case .lessThanThreshold: value < threshold
        case .lessThanOrEqualToThreshold: value <= threshold
        }
    }

    /// As in "was … the threshold".
    var words: String {
        switch self {
        case .greaterThanOrEqualToThreshold: "greater than or equal to"
        case .greaterThanThreshold: "greater than"
        case .lessThanThreshold: "less than"
        case .lessThanOrEqualToThreshold: "less than or equal to"
        }
    }
}

/// What an alarm makes of periods without data (CloudWatch User Guide, "Configuring how CloudWatch alarms treat
/// missing data").
public enum TreatMissingData: String, Sendable, CaseIterable, Codable {
    case missing, ignore, breaching, notBreaching
}

/// An alarm on one statistic of one metric.
public struct MetricAlarm: Hashable, Sendable {
    public var name: String
    public var statistic: Statistic
    /// In seconds.
    public var period: Int
    /// N: how many of the newest periods are looked at.
    public var evaluationPeriods: Int
    /// M: how many of them must breach.
    public var datapointsToAlarm: Int
    public var threshold: Double
    public var comparisonOperator: ComparisonOperator
    public var treatMissingData: TreatMissingData

    public init(
        name: String, statistic: Statistic = .sum, period: Int = 300, evaluationPeriods: Int = 1,
        datapointsToAlarm: Int? = nil, threshold: Double = 1,
        comparisonOperator: ComparisonOperator = .greaterThanOrEqualToThreshold,
        treatMissingData: TreatMissingData = .missing
    ) {
        self.name = name
        self.statistic = statistic
        self.period = period
        self.evaluationPeriods = evaluationPeriods
        self.datapointsToAlarm = datapointsToAlarm ?? evaluationPeriods
        self.threshold = threshold
        self.comparisonOperator = comparisonOperator
        self.treatMissingData = treatMissingData
    }

    /// How many periods are fetched: more than are looked at, so that late data still count.
    ///
    /// The guide shows five for three evaluation periods, and reports agree with two more in general.
    public var evaluationRange: Int { evaluationPeriods + 2 }
}
