public import AWSCore
public import Metrics

/// A metric alarm as it was put, and what has become of it.
public struct AlarmConfiguration: Codable, Sendable {
    public var name: String
    public var alarmDescription: String?
    public var actionsEnabled = true
    public var okActions: [String] = []
    public var alarmActions: [String] = []
    public var insufficientDataActions: [String] = []
    public var metric: Metric
    /// The name in the API: `Sum`, or `p95`.
    public var statistic: String
    /// Of an alarm on metric math, whose `metric` is then the first of those that it is about.
    public var queries: [MetricDataQuery]?
    public var unit: String?
    /// In seconds.
    public var period: Int
    public var evaluationPeriods: Int
    public var datapointsToAlarm: Int?
    public var threshold: Double
    public var comparisonOperator: ComparisonOperator
    public var treatMissingData: TreatMissingData?
    public var evaluateLowSampleCountPercentile: String?
    public var tags: [String: String] = [:]
    public var configurationUpdated: Timestamp

    public var state = AlarmState.insufficientData
    public var stateReason = "Unchecked: Initial alarm creation"
    /// A JSON text.
    public var stateReasonData: String?
    public var stateUpdated: Timestamp
    public var stateTransitioned: Timestamp

    public init(
        name: String, metric: Metric, statistic: String, period: Int, evaluationPeriods: Int, threshold: Double,
        comparisonOperator: ComparisonOperator, at now: Timestamp
    ) {
        self.name = name
        self.metric = metric
        self.statistic = statistic
        self.period = period
        self.evaluationPeriods = evaluationPeriods
        self.threshold = threshold
        self.comparisonOperator = comparisonOperator
        configurationUpdated = now
        stateUpdated = now
        stateTransitioned = now
    }

    /// The metrics that it is about.
    public var metrics: [Metric] { queries.map { $0.compactMap { $0.stat?.metric } } ?? [metric] }

    /// Whether the statistic is one of the extended ones, such as percentiles.
    public var isExtended: Bool {
        !["SampleCount", "Sum", "Average", "Minimum", "Maximum"].contains(statistic)
    }

    /// What is evaluated.
    public var evaluated: MetricAlarm {
        MetricAlarm(
            name: name, statistic: Statistic(statistic) ?? .sum, period: period, evaluationPeriods: evaluationPeriods,
            datapointsToAlarm: datapointsToAlarm, threshold: threshold, comparisonOperator: comparisonOperator,
            treatMissingData: treatMissingData ?? .missing)
    }

    /// What is done when the alarm comes into `state`.
    public func actions(for state: AlarmState) -> [String] {
        switch state {
        case .ok: okActions
        case .alarm: alarmActions
        case .insufficientData: insufficientDataActions
        }
    }

    /// Whether more data of a period can't end a breach: then a breach need not wait for the end of the minute.
    public var breachIsFinal: Bool {
        queries == nil && [.greaterThanThreshold, .greaterThanOrEqualToThreshold].contains(comparisonOperator)
            && ["Sum", "SampleCount", "Maximum"].contains(statistic)
    }
}
