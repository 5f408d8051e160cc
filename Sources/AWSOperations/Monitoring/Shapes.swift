internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Metrics
internal import Pipeline
internal import WireValues

extension WireReader {
    func dimensions() throws(AWSFault) -> [Dimension] {
        var dimensions: [Dimension] = []
        for item in try list("Dimensions", 0...30) {
            dimensions.append(
                Dimension(
                    name: try item.required("Name", .length(1...255)),
                    value: try item.required("Value", .length(1...1024))))
        }
        return dimensions
    }

    /// The metric that `Namespace`, `MetricName` and `Dimensions` name.
    func metric() throws(AWSFault) -> Metric {
        Metric(
            namespace: try required("Namespace", .length(1...255)), name: try required("MetricName", .length(1...255)),
            dimensions: try dimensions())
    }

    static let states = Constraint.oneOf(["INSUFFICIENT_DATA", "ALARM", "OK"])

    static let units = Constraint.oneOf([
        "Megabits", "Terabits", "Gigabits", "Count", "Bytes", "Gigabytes", "Gigabytes/Second", "Kilobytes",
        "Kilobits/Second", "Terabytes", "Terabits/Second", "Bytes/Second", "Percent", "Megabytes", "Megabits/Second",
        "Milliseconds", "Microseconds", "Kilobytes/Second", "Gigabits/Second", "Megabytes/Second", "Bits",
        "Bits/Second", "Count/Second", "Seconds", "Kilobits", "Terabytes/Second", "None",
    ])
}

extension Metric {
    var dimensionValues: WireValue {
        .list(dimensions.map { ["Name": .string($0.name), "Value": .string($0.value)] })
    }
}

extension WireValue {
    /// Tags as CloudWatch, SNS and CloudTrail have them: a list of keys and values.
    static func tagList(_ tags: [String: String]) -> WireValue {
        .list(tags.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] })
    }
}

extension AlarmConfiguration {
    func value(in scope: Scope) -> WireValue {
        [
            "AlarmName": .string(name), "AlarmArn": .string(scope.arn("cloudwatch", "alarm:" + name)),
            "AlarmDescription": WireValue(alarmDescription),
            "AlarmConfigurationUpdatedTimestamp": .timestamp(configurationUpdated),
            "ActionsEnabled": .bool(actionsEnabled), "OKActions": WireValue(okActions),
            "AlarmActions": WireValue(alarmActions), "InsufficientDataActions": WireValue(insufficientDataActions),
            "StateValue": .string(state.rawValue), "StateReason": .string(stateReason),
            "StateReasonData": WireValue(stateReasonData), "StateUpdatedTimestamp": .timestamp(stateUpdated),
            "StateTransitionedTimestamp": .timestamp(stateTransitioned), "MetricName": .string(metric.name),
            "Namespace": .string(metric.namespace), "Statistic": isExtended ? .null : .string(statistic),
            "ExtendedStatistic": isExtended ? .string(statistic) : .null, "Dimensions": metric.dimensionValues,
            "Period": WireValue(period), "Unit": WireValue(unit), "EvaluationPeriods": WireValue(evaluationPeriods),
            "DatapointsToAlarm": WireValue(datapointsToAlarm), "Threshold": .number(threshold),
            "ComparisonOperator": .string(comparisonOperator.rawValue),
            "TreatMissingData": WireValue(treatMissingData?.rawValue),
            "EvaluateLowSampleCountPercentile": WireValue(evaluateLowSampleCountPercentile),
        ]
    }
}
