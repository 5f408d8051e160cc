internal import AWSCore
internal import Alarms
internal import Metrics
internal import WireValues

/// What a topic is told when an alarm changes its state: AWS's message, and a mail that a person can read.
struct AlarmMessage {
    let alarm: AlarmConfiguration
    let old: AlarmState
    let scope: Scope
    let time: Timestamp

    var subject: String {
        let text = "\(alarm.state.rawValue): \"\(alarm.name)\" in \(Region.name(scope.region))"
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(100)))
    }

    var json: String {
        let single: WireValue = [
            "MetricName": .string(alarm.metric.name), "Namespace": .string(alarm.metric.namespace),
            "StatisticType": alarm.isExtended ? "ExtendedStatistic" : "Statistic",
            "Statistic": alarm.isExtended ? .null : .string(Self.upper(alarm.statistic)),
            "ExtendedStatistic": alarm.isExtended ? .string(alarm.statistic) : .null,
            "Dimensions": .list(
                alarm.metric.dimensions.map { ["value": .string($0.value), "name": .string($0.name)] }),
            "Period": WireValue(alarm.period), "EvaluationPeriods": WireValue(alarm.evaluationPeriods),
            "DatapointsToAlarm": WireValue(alarm.datapointsToAlarm),
            "ComparisonOperator": .string(alarm.comparisonOperator.rawValue), "Threshold": .number(alarm.threshold),
            "TreatMissingData": .string(alarm.treatMissingData?.rawValue ?? ""),
            "EvaluateLowSampleCountPercentile": .string(alarm.evaluateLowSampleCountPercentile ?? ""),
        ]
        let trigger = alarm.queries.map { mathTrigger($0) } ?? single
        let message: WireValue = [
            "AlarmName": .string(alarm.name), "AWSAccountId": .string(scope.account),
            "AlarmConfigurationUpdatedTimestamp": .string(alarm.configurationUpdated.alarmText),
            "NewStateValue": .string(alarm.state.rawValue), "NewStateReason": .string(alarm.stateReason),
            "StateChangeTime": .string(time.alarmText), "Region": .string(Region.name(scope.region)),
            "AlarmArn": .string(scope.arn("cloudwatch", "alarm:" + alarm.name)),
            "OldStateValue": .string(old.rawValue), "OKActions": WireValue(alarm.okActions),
            "AlarmActions": WireValue(alarm.alarmActions),
            "InsufficientDataActions": WireValue(alarm.insufficientDataActions), "ActionExecutedAfterMuteWindow": false,
        ]
        // Members that are null in AWS's message are there all the same, which a value of ours leaves out.
        var text = JSONWire.text(message)
        text.removeLast()
        let description = alarm.alarmDescription.map { JSONWire.text(.string($0)) } ?? "null"
        let unit = alarm.unit.map { JSONWire.text(.string($0)) } ?? "null"
        var triggerText = JSONWire.text(trigger)
        triggerText.removeLast()
        return text + ",\"AlarmDescription\":\(description),\"Trigger\":\(triggerText),\"Unit\":\(unit)}}"
    }

    private func mathTrigger(_ queries: [MetricDataQuery]) -> WireValue {
        let metrics = queries.map { query -> WireValue in
            [
                "Id": .string(query.id), "Label": WireValue(query.label), "Expression": WireValue(query.expression),
                "MetricStat": query.stat.map { stat in
                    [
                        "Metric": [
                            "Dimensions": .list(
                                stat.metric.dimensions.map { ["value": .string($0.value), "name": .string($0.name)] }),
                            "MetricName": .string(stat.metric.name), "Namespace": .string(stat.metric.namespace),
                        ], "Period": WireValue(stat.period), "Stat": .string(stat.name),
                    ]
                } ?? .null, "ReturnData": .bool(query.returnsData),
            ]
        }
        return [
            "Metrics": .list(metrics), "Period": WireValue(alarm.period),
            "EvaluationPeriods": WireValue(alarm.evaluationPeriods),
            "DatapointsToAlarm": WireValue(alarm.datapointsToAlarm),
            "ComparisonOperator": .string(alarm.comparisonOperator.rawValue), "Threshold": .number(alarm.threshold),
            "TreatMissingData": .string(alarm.treatMissingData?.rawValue ?? ""),
            "EvaluateLowSampleCountPercentile": .string(alarm.evaluateLowSampleCountPercentile ?? ""),
        ]
    }

    private static func upper(_ statistic: String) -> String {
        statistic == "SampleCount" ? "SAMPLE_COUNT" : statistic.uppercased()
    }

    /// The mail: what has happened first, the particulars behind it.
    var mail: String {
        let dimensions = alarm.metric.dimensions.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
        func list(_ actions: [String]) -> String { actions.isEmpty ? "none" : actions.joined(separator: ", ") }
        return """
            \(alarm.name) is now in state \(alarm.state.rawValue) (\(scope.account), \(Region.name(scope.region))).

            \(alarm.stateReason)

            Alarm
              Name         \(alarm.name)
              Description  \(alarm.alarmDescription ?? "none")
              Change       \(old.rawValue) -> \(alarm.state.rawValue)
              Time         \(time)
              Account      \(scope.account)
              ARN          \(scope.arn("cloudwatch", "alarm:" + alarm.name))

            Metric
              Metric       \(alarm.metric.namespace) / \(alarm.metric.name)\(dimensions.isEmpty ? "" : " [\(dimensions)]")
              Rings when   \(alarm.statistic) \(alarm.comparisonOperator.rawValue) \(alarm.threshold), \
            \(alarm.datapointsToAlarm ?? alarm.evaluationPeriods) of \(alarm.evaluationPeriods) periods of \
            \(alarm.period) seconds
              Missing data \(alarm.treatMissingData?.rawValue ?? "missing")

            Actions
              ALARM              \(list(alarm.alarmActions))
              OK                 \(list(alarm.okActions))
              INSUFFICIENT_DATA  \(list(alarm.insufficientDataActions))
            """
    }
}

/// The names of regions as messages spell them.
enum Region {
    static func name(_ code: String) -> String { names[code] ?? code }

    private static let names = [
        "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)",
        "us-west-2": "US West (Oregon)", "ca-central-1": "Canada (Central)", "ca-west-1": "Canada West (Calgary)",
        "eu-central-1": "EU (Frankfurt)", "eu-central-2": "Europe (Zurich)", "eu-west-1": "EU (Ireland)",
        "eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)", "eu-north-1": "EU (Stockholm)",
        "eu-south-1": "Europe (Milan)", "eu-south-2": "Europe (Spain)", "ap-northeast-1": "Asia Pacific (Tokyo)",
        "ap-northeast-2": "Asia Pacific (Seoul)", "ap-northeast-3": "Asia Pacific (Osaka)",
        "ap-south-1": "Asia Pacific (Mumbai)", "ap-south-2": "Asia Pacific (Hyderabad)",
        "ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)",
        "ap-southeast-3": "Asia Pacific (Jakarta)", "ap-southeast-4": "Asia Pacific (Melbourne)",
        "ap-east-1": "Asia Pacific (Hong Kong)", "sa-east-1": "South America (Sao Paulo)",
        "me-south-1": "Middle East (Bahrain)", "me-central-1": "Middle East (UAE)", "af-south-1": "Africa (Cape Town)",
        "il-central-1": "Israel (Tel Aviv)",
    ]
}
