public import AWSCore
public import Alarms
internal import Metrics
internal import Store
internal import WireValues

extension PipelineState {
    // MARK: Configuration

    /// Creates or replaces an alarm. An update keeps state, history and tags (CloudWatch API Reference,
    /// `PutMetricAlarm`).
    public func put(_ alarm: AlarmConfiguration, in scope: Scope, at now: Timestamp) {
        let key = AlarmKey(scope: scope, name: alarm.name)
        var alarm = alarm
        let present = alarms[scope, alarm.name]
        if let present {
            unwatch(key, present)
            alarm.tags = present.tags
            alarm.state = present.state
            alarm.stateReason = present.stateReason
            alarm.stateReasonData = present.stateReasonData
            alarm.stateUpdated = present.stateUpdated
            alarm.stateTransitioned = present.stateTransitioned
        }
        alarms[scope, alarm.name] = alarm
        watch(key, alarm)
        note(
            alarm.name, in: scope, at: now, kind: "ConfigurationUpdate",
            summary: "Alarm \"\(alarm.name)\" \(present == nil ? "created" : "updated")",
            data: ["version": "1.0", "type": present == nil ? "Create" : "Update"])
        for metric in alarm.metrics { touched.insert(MetricKey(scope: scope, metric: metric)) }
    }

    public func deleteAlarm(_ name: String, in scope: Scope, at now: Timestamp) {
        guard let alarm = alarms[scope, name] else { return }
        unwatch(AlarmKey(scope: scope, name: name), alarm)
        alarms[scope, name] = nil
        note(
            name, in: scope, at: now, kind: "ConfigurationUpdate", summary: "Alarm \"\(name)\" deleted",
            data: ["version": "1.0", "type": "Delete"])
    }

    func watch(_ key: AlarmKey, _ alarm: AlarmConfiguration) {
        for metric in alarm.metrics { watchers[MetricKey(scope: key.scope, metric: metric), default: []].insert(key) }
        // To be judged at the next tick, whatever its data are.
        activeUntil[key] = .max
    }

    private func unwatch(_ key: AlarmKey, _ alarm: AlarmConfiguration) {
        for metric in alarm.metrics { watchers[MetricKey(scope: key.scope, metric: metric)]?.remove(key) }
        activeUntil[key] = nil
    }

    // MARK: Judging

    /// Judges the alarms whose metrics have just received data.
    ///
    /// A breach that no further value of the minute can end is told at once, with the present minute counted; all else
    /// waits for the end of the minute.
    func settle(at now: Timestamp) {
        guard !touched.isEmpty else { return }
        let keys = touched
        touched = []
        for metric in keys {
            for key in watchers[metric] ?? [] {
                activeUntil[key] = .max
                guard let alarm = alarms[key.scope, key.name], alarm.state != .alarm, alarm.breachIsFinal else {
                    continue
                }
                let verdict = verdict(on: alarm, in: key.scope, at: now)
                if verdict.state == .alarm { apply(verdict, to: alarm, in: key.scope, at: now) }
            }
        }
    }

    /// Judges every alarm that time alone may have changed: once a minute.
    public func judgeAlarms(at now: Timestamp) {
        for (key, until) in activeUntil where until >= now.minute {
            guard let alarm = alarms[key.scope, key.name] else {
                activeUntil[key] = nil
                continue
            }
            let verdict = verdict(on: alarm, in: key.scope, at: now)
            if verdict.state != alarm.state { apply(verdict, to: alarm, in: key.scope, at: now) }
            // Once the last datum has left the evaluation range nothing changes any more.
            let newest =
                alarm.metrics.map { newestMinute(of: MetricKey(scope: key.scope, metric: $0)) }.max() ?? .min
            let reach = Int64(alarm.evaluated.evaluationRange * alarm.period / 60) + 1
            activeUntil[key] = newest == .min ? now.minute - 1 : newest + reach
        }
    }

    /// Judges an alarm by its full minutes; if a breach can't be undone, by the present minute too.
    private func verdict(on alarm: AlarmConfiguration, in scope: Scope, at now: Timestamp) -> Verdict {
        let evaluated = alarm.evaluated
        if let queries = alarm.queries {
            return evaluated.evaluate(window(of: queries, for: evaluated, in: scope, at: now), current: alarm.state)
        }
        let start = now.minute - Int64(evaluated.evaluationRange * alarm.period / 60) - 1
        let units = series(of: alarm.metric, in: scope, from: start)
        let series =
            alarm.unit.map { units[$0] ?? MinuteSeries() } ?? (units.count == 1 ? units.first?.value : nil)
            ?? units.values.reduce(into: MinuteSeries()) { $0.merge($1) }
        if alarm.breachIsFinal {
            let endOfMinute = Timestamp(seconds: (now.minute + 1) * 60)
            let early = evaluated.evaluate(
                PeriodWindow(of: series, for: evaluated, at: endOfMinute), current: alarm.state)
            if early.state == .alarm, !early.keepsState, !early.evaluated.isEmpty { return early }
        }
        return evaluated.evaluate(PeriodWindow(of: series, for: evaluated, at: now), current: alarm.state)
    }

    /// The evaluation range of an alarm on metric math. An expression that fails gives no data.
    private func window(
        of queries: [MetricDataQuery], for alarm: MetricAlarm, in scope: Scope, at now: Timestamp
    ) -> PeriodWindow {
        let starts = PeriodWindow.starts(for: alarm, at: now)
        let request = MetricDataRequest(queries, periods: starts, period: alarm.period) { stat in
            guard let statistic = Statistic(stat.name) else { return [:] }
            let units = self.series(of: stat.metric, in: scope, from: (starts.first ?? now).minute)
            guard let series = units[stat.unit ?? units.keys.min() ?? ""] else { return [:] }
            var values: [Timestamp: Double] = [:]
            for start in starts {
                let stop = start.advanced(bySeconds: Int64(alarm.period))
                values[start] = series.aggregate(from: start, to: stop).flatMap { statistic.value($0) }
            }
            return values
        }
        let result = queries.first { $0.returnsData }.flatMap { try? request.series(of: $0).first } ?? [:]
        return PeriodWindow(
            starts.map { start in result[start].flatMap { $0.isFinite ? Datapoint(start: start, value: $0) : nil } })
    }

    private func apply(_ verdict: Verdict, to alarm: AlarmConfiguration, in scope: Scope, at now: Timestamp) {
        setState(
            of: alarm, in: scope, to: verdict.state, reason: verdict.reason,
            reasonData: reasonData(alarm, verdict, at: now), at: now)
    }

    /// Gives an alarm a state, writes its history, and runs the actions if the state is a new one.
    public func setState(
        of alarm: AlarmConfiguration, in scope: Scope, to state: AlarmState, reason: String, reasonData: String?,
        at now: Timestamp
    ) {
        let old = alarm
        var alarm = alarm
        alarm.state = state
        alarm.stateReason = reason
        alarm.stateReasonData = reasonData
        alarm.stateUpdated = now
        if old.state != state { alarm.stateTransitioned = now }
        alarms[scope, alarm.name] = alarm
        activeUntil[AlarmKey(scope: scope, name: alarm.name)] = .max
        guard old.state != state else { return }
        changes.append(
            StateChange(scope: scope, alarm: alarm.name, old: old.state, new: state, reason: reason, time: now))
        note(
            alarm.name, in: scope, at: now, kind: "StateUpdate",
            summary: "Alarm updated from \(old.state.rawValue) to \(state.rawValue)",
            data: ["version": "1.0", "oldState": stateValue(old), "newState": stateValue(alarm)])
        if alarm.actionsEnabled {
            let message = AlarmMessage(alarm, old: old.state, scope: scope, time: now)
            for action in alarm.actions(for: state) {
                run(action, message, of: alarm.name, isComposite: false, in: scope, at: now)
            }
        }
        childChanged(alarm.name, to: state, in: scope, at: now)
    }

    /// Runs an action: tells a topic. Actions of other kinds are noted as failed.
    func run(
        _ action: String, _ message: AlarmMessage, of alarm: String, isComposite: Bool, in scope: Scope,
        at now: Timestamp
    ) {
        var failure: String?
        if let arn = ARN(action), arn.service == "sns" {
            let target = Scope(account: arn.account, region: arn.region)
            if topics[target, arn.resource] != nil {
                publish(
                    to: arn.resource, in: target, subject: message.subject, message: message.json,
                    byProtocol: ["email": message.mail], at: now)
            } else {
                failure = "Resource: \(action) does not exist"
            }
        } else {
            failure = "this server runs no actions of that kind; it notifies SNS topics"
        }
        note(
            alarm, in: scope, at: now, kind: "Action", isComposite: isComposite,
            summary: failure == nil ? "Successfully executed action \(action)" : "Failed to execute action \(action)",
            data: [
                "actionState": failure == nil ? "Succeeded" : "Failed", "stateUpdateTimestamp": .milliseconds(now),
                "notificationResource": .string(action), "error": WireValue(failure),
            ])
    }

    private func stateValue(_ alarm: AlarmConfiguration) -> WireValue {
        [
            "stateValue": .string(alarm.state.rawValue), "stateReason": .string(alarm.stateReason),
            "stateReasonData": alarm.stateReasonData.flatMap { JSONWire.parse($0) } ?? .null,
        ]
    }

    private func reasonData(_ alarm: AlarmConfiguration, _ verdict: Verdict, at now: Timestamp) -> String {
        let points = verdict.evaluated
        let evaluated = points.map { point -> WireValue in
            ["timestamp": .string(point.start.alarmText), "value": .number(point.value)]
        }
        return JSONWire.text([
            "version": "1.0", "queryDate": .string(now.alarmText),
            "startDate": WireValue(points.last?.start.alarmText), "unit": WireValue(alarm.unit),
            "statistic": .string(alarm.statistic), "period": WireValue(alarm.period),
            "recentDatapoints": .list(points.reversed().map { .number($0.value) }),
            "threshold": .number(alarm.threshold), "evaluatedDatapoints": .list(evaluated),
        ])
    }

    // MARK: History

    /// The journal of alarms: never changed, only added to.
    public static let historyJournal = "alarm-history"

    func note(
        _ alarm: String, in scope: Scope, at now: Timestamp, kind: String, isComposite: Bool = false, summary: String,
        data: WireValue
    ) {
        let body: WireValue = [
            "type": .string(kind), "alarmType": isComposite ? "CompositeAlarm" : "MetricAlarm",
            "summary": .string(summary), "data": .string(JSONWire.text(data)),
        ]
        batch.entries.append(
            Batch.Entry(
                id: takeNumber(), journal: Self.historyJournal, scope: scope, subject: alarm, time: now,
                body: Array(JSONWire.text(body).utf8)))
    }
}

/// That an alarm has come into another state.
public struct StateChange: Sendable {
    public var scope: Scope
    public var alarm: String
    public var old: AlarmState
    public var new: AlarmState
    public var reason: String
    public var time: Timestamp
}

extension Timestamp {
    /// `2026-03-01T09:16:31.402+0000`, as alarms write times.
    var alarmText: String {
        let time = CivilTime(self)
        return "\(date)T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))."
            + "\(padded(time.millisecond, 3))+0000"
    }
}
