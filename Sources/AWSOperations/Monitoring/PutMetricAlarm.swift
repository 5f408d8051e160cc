internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putMetricAlarm = write("PutMetricAlarm") { (input, call, state, now) throws(AWSFault) in
        let alarm = try AlarmConfiguration(input, at: now)
        guard state.compositeAlarms[call.scope, alarm.name] == nil else {
            throw AWSFault.Monitoring.validation("A composite alarm has the name \(alarm.name) already.")
        }
        state.put(alarm, in: call.scope, at: now)
        return nil
    }
}

extension AlarmConfiguration {
    /// The queries of an alarm on metric math; nil for one on a single metric.
    private static func queries(_ input: WireReader) throws(AWSFault) -> [MetricDataQuery]? {
        guard input.has("Metrics") else { return nil }
        for name in ["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Dimensions"] {
            if input.has(name), input.value[name] != .list([]) {
                throw AWSFault.Monitoring.validation("\(name) should not be set if list of Metrics is set.")
            }
        }
        let queries = try MetricDataQuery.list(input, "Metrics", 1...20)
        guard queries.count(where: \.returnsData) == 1 else {
            throw AWSFault.Monitoring.validation(
                "Exactly one element of the metrics list should return data.")
        }
        let periods = Set(queries.compactMap { $0.stat?.period })
        guard periods.count == 1 else {
            throw AWSFault.Monitoring.validation(
                periods.isEmpty ? "Invalid metrics list: it names no metric" : "Period must be the same for all metrics"
            )
        }
        return queries
    }

    fileprivate init(_ input: WireReader, at now: Timestamp) throws(AWSFault) {
        let name = try input.required("AlarmName", .length(1...255))
        let queries = try Self.queries(input)
        guard queries != nil || input.has("MetricName") else {
            throw AWSFault.Monitoring.validation("MetricName must not be null")
        }
        let ownPeriod = try input.integer("Period", 10...Int.max)
        guard let period = queries.map({ $0.compactMap(\.stat).first?.period ?? 300 }) ?? ownPeriod else {
            throw AWSFault.Monitoring.validation("Period must not be null")
        }
        guard [10, 20, 30].contains(period) || period % 60 == 0 else {
            throw AWSFault.Monitoring.validation("Period must be 10, 20, 30 or a multiple of 60")
        }
        guard period >= 60 else {
            throw AWSFault.Monitoring.validation(
                "This server keeps minutes: a period of \(period) seconds is not supported.")
        }
        let given = try input.string(
            "Statistic", .oneOf(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]))
        let plain = queries == nil ? given : "Sum"
        let extended = try input.string("ExtendedStatistic")
        guard let statistic = plain ?? extended, plain == nil || extended == nil else {
            throw AWSFault.Monitoring.validation("Exactly one of Statistic and ExtendedStatistic must be specified")
        }
        guard Statistic(statistic) != nil else {
            throw AWSFault.Monitoring.value("The value \(statistic) for parameter ExtendedStatistic is not supported.")
        }
        guard let evaluationPeriods = try input.integer("EvaluationPeriods", 1...Int.max) else {
            throw input.missing("EvaluationPeriods")
        }
        guard !input.has("ThresholdMetricId") else {
            throw AWSFault.Monitoring.validation("This server has no alarms on anomaly detection bands.")
        }
        guard let threshold = try input.double("Threshold") else {
            throw AWSFault.Monitoring.validation("Threshold must not be null")
        }
        guard threshold.isFinite else { throw AWSFault.Monitoring.validation("Threshold must be a finite number") }
        let names = ComparisonOperator.allCases.map(\.rawValue)
        let comparison = try input.required("ComparisonOperator", .oneOf(names))
        let first = queries?.compactMap(\.stat).first?.metric
        let metric: Metric
        if let first { metric = first } else { metric = try input.metric() }
        self.init(
            name: name, metric: metric, statistic: statistic, period: period,
            evaluationPeriods: evaluationPeriods, threshold: threshold,
            comparisonOperator: ComparisonOperator(rawValue: comparison) ?? .greaterThanOrEqualToThreshold, at: now)
        self.queries = queries
        let longest = period >= 3600 ? 7 * 86_400 : 86_400
        guard evaluationPeriods <= longest / period else {
            throw AWSFault.Monitoring.validation(
                "Metrics cannot be checked across more than \(longest == 86_400 ? "a day" : "seven days") "
                    + "(EvaluationPeriods * Period must be <= \(longest)).")
        }
        datapointsToAlarm = try input.integer("DatapointsToAlarm", 1...Int.max)
        if let datapointsToAlarm, datapointsToAlarm > evaluationPeriods {
            throw AWSFault.Monitoring.validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
        }
        alarmDescription = try input.string("AlarmDescription", .length(0...1024))
        actionsEnabled = try input.bool("ActionsEnabled") ?? true
        okActions = try input.strings("OKActions", 0...5)
        alarmActions = try input.strings("AlarmActions", 0...5)
        insufficientDataActions = try input.strings("InsufficientDataActions", 0...5)
        for action in okActions + alarmActions + insufficientDataActions where ARN(action) == nil {
            throw AWSFault.Monitoring.validation("Invalid arn syntax: \(action)")
        }
        unit = try input.string("Unit", WireReader.units)
        if let text = try input.string("TreatMissingData", .length(1...255)) {
            treatMissingData = TreatMissingData(rawValue: text)
            guard treatMissingData != nil else {
                throw AWSFault.Monitoring.validation(
                    "The value \(text) is not supported for TreatMissingData parameter. Supported values are "
                        + "[breaching, notBreaching, ignore, missing].")
            }
        }
        if let text = try input.string("EvaluateLowSampleCountPercentile", .length(1...255)) {
            guard ["evaluate", "ignore"].contains(text) else {
                throw AWSFault.Monitoring.validation(
                    "Option \(text) is not supported. Supported options for parameter "
                        + "EvaluateLowSampleCountPercentile are evaluate and ignore.")
            }
            evaluateLowSampleCountPercentile = text
        }
        for (key, value) in try input.tags("Tags") { tags[key] = value }
    }
}
