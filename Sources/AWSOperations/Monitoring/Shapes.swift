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
        var members: [WireMember] = [
            WireMember("AlarmName", .string(name)),
            WireMember("AlarmArn", .string(scope.arn("cloudwatch", "alarm:" + name))),
            WireMember("AlarmDescription", WireValue(alarmDescription)),
            WireMember("AlarmConfigurationUpdatedTimestamp", .timestamp(configurationUpdated)),
            WireMember("ActionsEnabled", .bool(actionsEnabled)), WireMember("OKActions", WireValue(okActions)),
            WireMember("AlarmActions", WireValue(alarmActions)),
            WireMember("InsufficientDataActions", WireValue(insufficientDataActions)),
            WireMember("StateValue", .string(state.rawValue)), WireMember("StateReason", .string(stateReason)),
            WireMember("StateReasonData", WireValue(stateReasonData)),
            WireMember("StateUpdatedTimestamp", .timestamp(stateUpdated)),
            WireMember("StateTransitionedTimestamp", .timestamp(stateTransitioned)),
            WireMember("EvaluationPeriods", WireValue(evaluationPeriods)),
            WireMember("DatapointsToAlarm", WireValue(datapointsToAlarm)),
            WireMember("Threshold", .number(threshold)),
            WireMember("ComparisonOperator", .string(comparisonOperator.rawValue)),
            WireMember("TreatMissingData", WireValue(treatMissingData?.rawValue)),
            WireMember("EvaluateLowSampleCountPercentile", WireValue(evaluateLowSampleCountPercentile)),
        ]
        if let queries {
            members.append(WireMember("Metrics", .list(queries.map(\.value))))
        } else {
            members += [
                WireMember("MetricName", .string(metric.name)), WireMember("Namespace", .string(metric.namespace)),
                WireMember("Dimensions", metric.dimensionValues), WireMember("Period", WireValue(period)),
                WireMember(isExtended ? "ExtendedStatistic" : "Statistic", .string(statistic)),
                WireMember("Unit", WireValue(unit)),
            ]
        }
        return .structure(members)
    }
}

extension MetricDataQuery {
    /// As it was put.
    var value: WireValue {
        [
            "Id": .string(id), "Label": WireValue(label), "ReturnData": .bool(returnsData),
            "Expression": WireValue(expression), "Period": WireValue(period),
            "MetricStat": stat.map { stat in
                [
                    "Metric": [
                        "Namespace": .string(stat.metric.namespace), "MetricName": .string(stat.metric.name),
                        "Dimensions": stat.metric.dimensionValues,
                    ], "Period": WireValue(stat.period), "Stat": .string(stat.name), "Unit": WireValue(stat.unit),
                ]
            } ?? .null,
        ]
    }
}
