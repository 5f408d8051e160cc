internal import AWSCore
internal import Alarms
internal import Metrics
internal import Notifications
internal import WireValues

/// What a topic is told when an alarm changes its state: AWS's message, and a mail that a person can read.
struct AlarmMessage {
    let subject: String
    let json: String
    let mail: String
    /// What the alarm was rung by.
    var evidence: AlarmEvidence?

    private let common: AlarmCommon

    /// The same in the forms in which subscribers take it.
    var announcement: Announcement {
        let command = common.command
        let lines = evidence?.lines ?? []
        let isRinging = common.state == .alarm
        var json: String?
        if let evidence {
            let object = WireValue.structure(evidence.json.members + [WireMember("command", .string(command))])
            json = self.json.dropLast() + ",\"Trailwarden\":\(JSONWire.text(object))}"
        }
        let told = lines.isEmpty ? mail : (lines + ["", "All of them: \(command)", "", mail]).joined(separator: "\n")
        let chat = ChatMessage(
            title: mailSubject, tone: isRinging ? .bad : common.state == .ok ? .good : .neutral,
            lines: lines.isEmpty ? [common.reason] : lines,
            footer: "\(common.scope.account), \(Region.name(common.scope.region)), \(common.time)"
                + (lines.isEmpty ? "" : "; all of them: \(command)"))
        let more = Announcement.More(
            mailSubject: mailSubject, mail: told,
            html: AlarmPage(common: common, evidence: evidence, details: mail, command: command).html, chat: chat,
            alarm: Announcement.Alarm(
                name: common.name, arn: common.arn, isRinging: isRinging, identity: evidence?.identity,
                isPast: evidence?.isPast ?? false), json: json
        )
        return Announcement(subject: subject, message: self.json, byProtocol: ["email": mail], more: more)
    }

    /// A subject that can be judged from a phone.
    private var mailSubject: String {
        guard let summary = evidence?.summary else { return subject }
        // The name of the alarm stays whole: rules of mail programs look for it.
        let (head, tail) = (subject.prefix { $0 != "\"" }, subject.drop { $0 != "\"" })
        let room = max(0, 100 - head.count - tail.count - 2)
        return summary.count > room ? subject : "\(head)\(summary): \(tail)"
    }

    /// For a metric alarm that has changed from `old`.
    init(
        _ alarm: AlarmConfiguration, old: AlarmState, scope: Scope, time: Timestamp, evidence: AlarmEvidence? = nil
    ) {
        self.evidence = evidence
        let common = AlarmCommon(
            name: alarm.name, description: alarm.alarmDescription, state: alarm.state, old: old,
            reason: alarm.stateReason, updated: alarm.configurationUpdated,
            actions: [
                .ok: alarm.okActions, .alarm: alarm.alarmActions, .insufficientData: alarm.insufficientDataActions,
            ],
            scope: scope, time: time)
        self.common = common
        subject = common.subject
        let unit = alarm.unit.map { JSONWire.text(.string($0)) } ?? "null"
        var trigger = JSONWire.text(alarm.queries.map { Self.trigger(alarm, $0) } ?? Self.trigger(alarm))
        if alarm.queries == nil { trigger = trigger.dropLast() + ",\"Unit\":\(unit)}" }
        json = common.json(more: "\"Trigger\":\(trigger)")
        let dimensions = alarm.metric.dimensions.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
        let metric =
            alarm.queries?.first { $0.returnsData }?.expression ?? "\(alarm.metric.namespace) / \(alarm.metric.name)"
        mail = common.mail(
            more: """
                Metric
                  Metric       \(metric)\(dimensions.isEmpty ? "" : " [\(dimensions)]")
                  Rings when   \(alarm.statistic) \(alarm.comparisonOperator.rawValue) \(alarm.threshold), \
                \(alarm.datapointsToAlarm ?? alarm.evaluationPeriods) of \(alarm.evaluationPeriods) periods of \
                \(alarm.period) seconds
                  Missing data \(alarm.treatMissingData?.rawValue ?? "missing")
                """)
    }

    /// For a composite alarm that has changed from `old`.
    init(
        composite alarm: CompositeAlarm, old: AlarmState, scope: Scope, time: Timestamp, evidence: AlarmEvidence? = nil
    ) {
        self.evidence = evidence
        let common = AlarmCommon(
            name: alarm.name, description: alarm.alarmDescription, state: alarm.state, old: old,
            reason: alarm.stateReason, updated: alarm.configurationUpdated,
            actions: [
                .ok: alarm.okActions, .alarm: alarm.alarmActions, .insufficientData: alarm.insufficientDataActions,
            ],
            scope: scope, time: time)
        self.common = common
        subject = common.subject
        var children: [WireValue] = []
        if case .list(let all)? = alarm.stateReasonData.flatMap({ JSONWire.parse($0) })?["triggeringAlarms"] {
            children = all.map { child in
                [
                    "Arn": child["arn"] ?? .null,
                    "State": [
                        "Value": child["state"]?["value"] ?? .null, "Timestamp": child["state"]?["timestamp"] ?? .null,
                    ],
                ]
            }
        }
        let rule = JSONWire.text(.string(alarm.rule))
        json = common.json(more: "\"AlarmRule\":\(rule),\"TriggeringChildren\":\(JSONWire.text(.list(children)))")
        mail = common.mail(more: "Rule\n  \(alarm.rule)")
    }

    private static func trigger(_ alarm: AlarmConfiguration) -> WireValue {
        [
            "MetricName": .string(alarm.metric.name), "Namespace": .string(alarm.metric.namespace),
            "StatisticType": alarm.isExtended ? "ExtendedStatistic" : "Statistic",
            "Statistic": alarm.isExtended
                ? .null : .string(alarm.statistic == "SampleCount" ? "SAMPLE_COUNT" : alarm.statistic.uppercased()),
            "ExtendedStatistic": alarm.isExtended ? .string(alarm.statistic) : .null,
            "Dimensions": dimensions(alarm.metric), "Period": WireValue(alarm.period),
            "EvaluationPeriods": WireValue(alarm.evaluationPeriods),
            "DatapointsToAlarm": WireValue(alarm.datapointsToAlarm),
            "ComparisonOperator": .string(alarm.comparisonOperator.rawValue), "Threshold": .number(alarm.threshold),
            "TreatMissingData": .string(alarm.treatMissingData?.rawValue ?? ""),
            "EvaluateLowSampleCountPercentile": .string(alarm.evaluateLowSampleCountPercentile ?? ""),
        ]
    }

    private static func trigger(_ alarm: AlarmConfiguration, _ queries: [MetricDataQuery]) -> WireValue {
        let metrics = queries.map { query -> WireValue in
            [
                "Id": .string(query.id), "Label": WireValue(query.label), "Expression": WireValue(query.expression),
                "MetricStat": query.stat.map { stat in
                    [
                        "Metric": [
                            "Dimensions": dimensions(stat.metric), "MetricName": .string(stat.metric.name),
                            "Namespace": .string(stat.metric.namespace),
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

    private static func dimensions(_ metric: Metric) -> WireValue {
        .list(metric.dimensions.map { ["value": .string($0.value), "name": .string($0.name)] })
    }
}

/// What the messages of both kinds of alarms have in common.
struct AlarmCommon {
    let name: String
    let description: String?
    let state: AlarmState
    let old: AlarmState
    let reason: String
    let updated: Timestamp
    let actions: [AlarmState: [String]]
    let scope: Scope
    let time: Timestamp

    var arn: String { scope.arn("cloudwatch", "alarm:" + name) }

    /// What shows all events behind it.
    var command: String {
        "trailwarden events --alarm \(Self.word(name)) --at \(time) --region \(Self.word(scope.region))"
    }

    /// A word for a shell.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "-_./".contains(character))
        }
        return isPlain && !text.isEmpty ? text : "'" + text.harmless.replacing("'", with: "'\\''") + "'"
    }

    var subject: String {
        let text = "\(state.rawValue): \"\(name)\" in \(Region.name(scope.region))"
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(100)))
    }

    /// - Parameter more: further members, as JSON.
    func json(more: String) -> String {
        let message: WireValue = [
            "AlarmName": .string(name), "AWSAccountId": .string(scope.account),
            "AlarmConfigurationUpdatedTimestamp": .string(updated.alarmText), "NewStateValue": .string(state.rawValue),
            "NewStateReason": .string(reason), "StateChangeTime": .string(time.alarmText),
            "Region": .string(Region.name(scope.region)), "AlarmArn": .string(arn),
            "OldStateValue": .string(old.rawValue),
            "OKActions": WireValue(actions[.ok] ?? []), "AlarmActions": WireValue(actions[.alarm] ?? []),
            "InsufficientDataActions": WireValue(actions[.insufficientData] ?? []),
            "ActionExecutedAfterMuteWindow": false,
        ]
        // Members that are null in AWS's message are there all the same, which a value of ours leaves out.
        let description = description.map { JSONWire.text(.string($0)) } ?? "null"
        return JSONWire.text(message).dropLast() + ",\"AlarmDescription\":\(description),\(more)}"
    }

    /// The mail: what has happened first, the particulars behind it.
    func mail(more: String) -> String {
        func list(_ state: AlarmState) -> String {
            let actions = actions[state] ?? []
            return actions.isEmpty ? "none" : actions.joined(separator: ", ")
        }
        return """
            \(name) is now in state \(state.rawValue) (\(scope.account), \(Region.name(scope.region))).

            \(reason)

            Alarm
              Name         \(name)
              Description  \(description ?? "none")
              Change       \(old.rawValue) -> \(state.rawValue)
              Time         \(time)
              Account      \(scope.account)
              ARN          \(arn)

            \(more)

            Actions
              ALARM              \(list(.alarm))
              OK                 \(list(.ok))
              INSUFFICIENT_DATA  \(list(.insufficientData))
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
