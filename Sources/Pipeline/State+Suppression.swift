internal import AWSCore
internal import Alarms
internal import WireValues

// A composite alarm may name another alarm that holds its actions back (CloudWatch User Guide, "Suppressing composite
// alarm actions"): while that one is in ALARM, for a wait period before, and for an extension period behind. When
// actions are let go they are those of the state the alarm is in then, unless they have been run already.

extension PipelineState {
    /// Runs the actions of a composite alarm that has changed its state, or holds them back.
    func announce(_ alarm: CompositeAlarm, old: AlarmState, in scope: Scope, at now: Timestamp) {
        guard let suppressor = alarm.suppressor else {
            runActions(of: alarm, old: old, in: scope, at: now)
            return
        }
        var alarm = alarm
        if alarm.suppression == nil { alarm.announcedState = old }
        let isSuppressing = alarmState(suppressor.alarm, in: scope) == .alarm
        switch alarm.suppression?.cause {
        case .alarm, .extensionPeriod: break
        case nil where isSuppressing, .waitPeriod where isSuppressing: hold(&alarm, .alarm, in: scope, at: now)
        case nil where alarm.state == .alarm && suppressor.waitPeriod > 0:
            hold(&alarm, .waitPeriod, seconds: suppressor.waitPeriod, in: scope, at: now)
        case nil:
            runActions(of: alarm, old: old, in: scope, at: now)
        case .waitPeriod:
            // Back before anybody was told: there is nothing to tell.
            if alarm.state == alarm.announcedState { release(&alarm, in: scope) }
        }
        compositeAlarms[scope, alarm.name] = alarm
    }

    /// Holds back, or lets go, the actions of the composite alarms that an alarm suppresses.
    func suppressorChanged(_ name: String, to state: AlarmState, in scope: Scope, at now: Timestamp) {
        let names: Set = [name, scope.arn("cloudwatch", "alarm:" + name)]
        for var alarm in compositeAlarms.all(in: scope) {
            guard let suppressor = alarm.suppressor, names.contains(suppressor.alarm),
                let suppression = alarm.suppression
            else { continue }
            if state == .alarm {
                hold(&alarm, .alarm, in: scope, at: now)
            } else if suppression.cause == .alarm {
                hold(&alarm, .extensionPeriod, seconds: suppressor.extensionPeriod, in: scope, at: now)
            }
            compositeAlarms[scope, alarm.name] = alarm
        }
        endSuppressions(at: now)
    }

    /// Lets actions go whose period is over.
    func endSuppressions(at now: Timestamp) {
        for key in suppressed {
            guard var alarm = compositeAlarms[key.scope, key.name], let end = alarm.suppression?.end, end <= now else {
                continue
            }
            let announced = alarm.announcedState ?? alarm.state
            release(&alarm, in: key.scope)
            compositeAlarms[key.scope, key.name] = alarm
            if alarm.state != announced { runActions(of: alarm, old: announced, in: key.scope, at: now) }
        }
    }

    /// When the next period ends that holds actions back.
    func nextSuppressionEnd() -> Timestamp? {
        suppressed.compactMap { compositeAlarms[$0.scope, $0.name]?.suppression?.end }.min()
    }

    private func hold(
        _ alarm: inout CompositeAlarm, _ cause: Suppression.Cause, seconds: Int? = nil, in scope: Scope,
        at now: Timestamp
    ) {
        let suppression = Suppression(cause, until: seconds.map { now.advanced(bySeconds: Int64($0)) })
        alarm.suppression = suppression
        suppressed.insert(AlarmKey(scope: scope, name: alarm.name))
        hasNewDeadlines = true
        note(
            alarm.name, in: scope, at: now, kind: "Action", isComposite: true, summary: suppression.reason,
            data: ["actionState": "Suppressed", "actionsSuppressedBy": .string(cause.rawValue)])
    }

    private func release(_ alarm: inout CompositeAlarm, in scope: Scope) {
        alarm.suppression = nil
        alarm.announcedState = nil
        suppressed.remove(AlarmKey(scope: scope, name: alarm.name))
    }

    func runActions(of alarm: CompositeAlarm, old: AlarmState, in scope: Scope, at now: Timestamp) {
        guard alarm.actionsEnabled else { return }
        let found = alarm.state == .alarm ? evidence(for: alarm, in: scope, at: now) : nil
        let message = AlarmMessage(composite: alarm, old: old, scope: scope, time: now, evidence: found)
        for action in alarm.actions(for: alarm.state) {
            run(action, message, of: alarm.name, isComposite: true, in: scope, at: now)
        }
    }
}
