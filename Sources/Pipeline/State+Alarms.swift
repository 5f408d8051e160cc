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
            unwatch(key)
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
        guard alarms[scope, name] != nil else { return }
        unwatch(AlarmKey(scope: scope, name: name))
        alarms[scope, name] = nil
        pastRings[scope, name] = nil
        suppressorChanged(name, to: .insufficientData, in: scope, at: now)
        note(
            name, in: scope, at: now, kind: "ConfigurationUpdate", summary: "Alarm \"\(name)\" deleted",
            data: ["version": "1.0", "type": "Delete"])
    }

    func watch(_ key: AlarmKey, _ alarm: AlarmConfiguration) {
        let watch = AlarmWatch(alarm, key)
        watch.record = watch.metrics.first.flatMap { metrics[$0] }
        watches[key] = watch
        for metric in watch.metrics { watchers[metric, default: []].append(watch) }
    }

    private func unwatch(_ key: AlarmKey) {
        guard let watch = watches.removeValue(forKey: key) else { return }
        for metric in watch.metrics { watchers[metric]?.removeAll { $0 === watch } }
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
            for watch in watchers[metric] ?? [] {
                watch.activeUntil = .max
                guard watch.state != .alarm, watch.breachIsFinal else { continue }
                let verdict = verdict(on: watch, at: now)
                if verdict.state == .alarm { apply(verdict, to: watch, at: now) }
            }
        }
        ringForPast(at: now)
    }

    /// Begins the judging of the alarms that time alone may have changed: once a minute. `judgeAlarms` goes on with it.
    public func beginJudging(at now: Timestamp) {
        // Also those that a minute would have changed which was slept through.
        toJudge = watches.values.filter { $0.activeUntil > lastJudged }
        lastJudged = now.minute
    }

    /// Judges so many alarms. False when there are no more of them in this minute.
    public func judgeAlarms(limit: Int, at now: Timestamp) -> Bool {
        for _ in 0..<min(limit, toJudge.count) {
            let watch = toJudge.removeLast()
            // It may have been deleted, or put anew, since the minute began.
            guard watches[watch.key] === watch else { continue }
            let verdict = verdict(on: watch, at: now)
            if verdict.state != watch.state { apply(verdict, to: watch, at: now) }
            // Once the last datum has left the evaluation range nothing changes any more.
            let newest =
                watch.metrics.count == 1
                ? watch.record?.newest ?? .min : watch.metrics.map { metrics[$0]?.newest ?? .min }.max() ?? .min
            let reach = Int64(watch.alarm.evaluationRange * watch.alarm.period / 60) + 1
            watch.activeUntil = newest == .min ? now.minute - 1 : newest + reach
        }
        return !toJudge.isEmpty
    }

    /// Judges an alarm by its full minutes; if a breach can't be undone, by the present minute too.
    func verdict(on watch: AlarmWatch, at now: Timestamp) -> Verdict {
        let alarm = watch.alarm
        if let queries = watch.queries {
            return alarm.evaluate(
                window(of: queries, for: alarm, in: watch.key.scope, at: now), current: watch.state)
        }
        let series = series(of: watch, from: now.minute - Int64(alarm.evaluationRange * alarm.period / 60) - 1)
        if watch.breachIsFinal {
            let endOfMinute = Timestamp(seconds: (now.minute + 1) * 60)
            let early = alarm.evaluate(PeriodWindow(of: series, for: alarm, at: endOfMinute), current: watch.state)
            if early.state == .alarm, !early.keepsState, !early.evaluated.isEmpty { return early }
        }
        return alarm.evaluate(PeriodWindow(of: series, for: alarm, at: now), current: watch.state)
    }

    /// The values of an alarm's metric in its unit, or in all units if it names none.
    func series(of watch: AlarmWatch, from start: Int64) -> MinuteSeries {
        guard let record = watch.record else { return MinuteSeries() }
        load(record, from: start)
        if let unit = watch.unit { return record.units[unit] ?? MinuteSeries() }
        if record.units.count == 1, let only = record.units.first?.value { return only }
        return record.units.values.reduce(into: MinuteSeries()) { $0.merge($1) }
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

    private func apply(_ verdict: Verdict, to watch: AlarmWatch, at now: Timestamp) {
        guard let alarm = alarms[watch.key.scope, watch.key.name] else { return }
        setState(
            of: alarm, in: watch.key.scope, to: verdict.state, reason: verdict.reason,
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
        let watch = watches[AlarmKey(scope: scope, name: alarm.name)]
        watch?.state = state
        watch?.activeUntil = .max
        guard old.state != state else { return }
        changes.append(
            StateChange(scope: scope, alarm: alarm.name, old: old.state, new: state, reason: reason, time: now))
        note(
            alarm.name, in: scope, at: now, kind: "StateUpdate",
            summary: "Alarm updated from \(old.state.rawValue) to \(state.rawValue)",
            data: ["version": "1.0", "oldState": stateValue(old), "newState": stateValue(alarm)])
        if alarm.actionsEnabled, !holdsActions {
            if state == .alarm { noteRing(of: alarm, in: scope, at: now) }
            let found = state == .alarm ? evidence(for: alarm, in: scope, at: now) : nil
            let message = AlarmMessage(alarm, old: old.state, scope: scope, time: now, evidence: found)
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
                publish(message.announcement, to: arn.resource, in: target, at: now)
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
