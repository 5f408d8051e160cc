public import AWSCore
public import Alarms
internal import WireValues

extension PipelineState {
    /// Creates or replaces a composite alarm, and evaluates it at once.
    public func put(_ alarm: CompositeAlarm, in scope: Scope, at now: Timestamp) {
        var alarm = alarm
        let present = compositeAlarms[scope, alarm.name]
        if let present {
            alarm.tags = present.tags
            alarm.state = present.state
            alarm.stateReason = present.stateReason
            alarm.stateReasonData = present.stateReasonData
            alarm.stateUpdated = present.stateUpdated
            alarm.stateTransitioned = present.stateTransitioned
            if alarm.suppressor == present.suppressor {
                alarm.suppression = present.suppression
                alarm.announcedState = present.announcedState
            }
        }
        compositeAlarms[scope, alarm.name] = alarm
        if let present, present.suppression != nil, alarm.suppressor != present.suppressor {
            // Nobody holds them back any more as they were.
            suppressed.remove(AlarmKey(scope: scope, name: alarm.name))
            let announced = present.announcedState ?? alarm.state
            if alarm.state != announced { runActions(of: alarm, old: announced, in: scope, at: now) }
        }
        note(
            alarm.name, in: scope, at: now, kind: "ConfigurationUpdate", isComposite: true,
            summary: "Alarm \"\(alarm.name)\" \(present == nil ? "created" : "updated")",
            data: ["version": "1.0", "type": present == nil ? "Create" : "Update"])
        let arn = scope.arn("cloudwatch", "alarm:" + alarm.name)
        let verb = present == nil ? "created" : "updated"
        evaluate(alarm, in: scope, at: now, depth: 0, child: nil) {
            "\(arn) was \(verb) and its alarm rule evaluates to \($0.rawValue)"
        }
    }

    public func deleteCompositeAlarm(_ name: String, in scope: Scope, at now: Timestamp) {
        guard compositeAlarms[scope, name] != nil else { return }
        compositeAlarms[scope, name] = nil
        suppressed.remove(AlarmKey(scope: scope, name: name))
        suppressorChanged(name, to: .insufficientData, in: scope, at: now)
        note(
            name, in: scope, at: now, kind: "ConfigurationUpdate", isComposite: true,
            summary: "Alarm \"\(name)\" deleted", data: ["version": "1.0", "type": "Delete"])
    }

    /// The state of an alarm of either kind, by name or ARN.
    public func alarmState(_ name: String, in scope: Scope) -> AlarmState? {
        let plain = ARN(name).map { String($0.resource.dropFirst("alarm:".count)) } ?? name
        return alarms[scope, plain]?.state ?? compositeAlarms[scope, plain]?.state
    }

    /// The composite alarms whose rule names an alarm.
    public func parents(of name: String, in scope: Scope) -> [CompositeAlarm] {
        let names: Set = [name, scope.arn("cloudwatch", "alarm:" + name)]
        return compositeAlarms.all(in: scope).filter { parent in
            (try? AlarmRule(parent.rule))?.children.contains { names.contains($0) } == true
        }
    }

    /// Evaluates the composite alarms that a change of `child` may have changed.
    func childChanged(_ child: String, to state: AlarmState, in scope: Scope, at now: Timestamp, depth: Int = 0) {
        suppressorChanged(child, to: state, in: scope, at: now)
        // Rules may name each other in a circle, which then stands still.
        guard depth < 16 else { return }
        let arn = scope.arn("cloudwatch", "alarm:" + child)
        for parent in parents(of: child, in: scope) {
            evaluate(parent, in: scope, at: now, depth: depth, child: (arn, state)) { _ in
                "\(arn) transitioned to \(state.rawValue) at \(now.longText)"
            }
        }
    }

    private func evaluate(
        _ alarm: CompositeAlarm, in scope: Scope, at now: Timestamp, depth: Int,
        child: (arn: String, state: AlarmState)?,
        reason: (AlarmState) -> String
    ) {
        guard let rule = try? AlarmRule(alarm.rule) else { return }
        let state: AlarmState = rule.holds { alarmState($0, in: scope) } ? .alarm : .ok
        guard state != alarm.state else { return }
        let data = child.map { child in
            JSONWire.text([
                "triggeringAlarms": [
                    [
                        "arn": .string(child.arn),
                        "state": ["value": .string(child.state.rawValue), "timestamp": .string(now.alarmText)],
                    ]
                ]
            ])
        }
        setState(of: alarm, in: scope, to: state, reason: reason(state), reasonData: data, at: now, depth: depth)
    }

    /// Gives a composite alarm a state, writes its history, and runs the actions if the state is a new one.
    public func setState(
        of alarm: CompositeAlarm, in scope: Scope, to state: AlarmState, reason: String, reasonData: String?,
        at now: Timestamp, depth: Int = 0
    ) {
        let old = alarm
        var alarm = alarm
        alarm.state = state
        alarm.stateReason = reason
        alarm.stateReasonData = reasonData
        alarm.stateUpdated = now
        if old.state != state { alarm.stateTransitioned = now }
        compositeAlarms[scope, alarm.name] = alarm
        guard old.state != state else { return }
        changes.append(
            StateChange(scope: scope, alarm: alarm.name, old: old.state, new: state, reason: reason, time: now))
        func value(_ alarm: CompositeAlarm) -> WireValue {
            [
                "stateValue": .string(alarm.state.rawValue), "stateReason": .string(alarm.stateReason),
                "stateReasonData": alarm.stateReasonData.flatMap { JSONWire.parse($0) } ?? .null,
            ]
        }
        note(
            alarm.name, in: scope, at: now, kind: "StateUpdate", isComposite: true,
            summary: "Alarm updated from \(old.state.rawValue) to \(state.rawValue)",
            data: ["version": "1.0", "oldState": value(old), "newState": value(alarm)])
        if !holdsActions { announce(alarm, old: old.state, in: scope, at: now) }
        childChanged(alarm.name, to: state, in: scope, at: now, depth: depth + 1)
    }
}

extension Timestamp {
    /// `Friday 22 July, 2022 15:57:45 UTC`
    var longText: String {
        let civil = CivilTime(self)
        let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November",
            "December",
        ]
        return "\(days[Int(seconds / 86_400 % 7)]) \(padded(civil.day, 2)) \(months[civil.month - 1]), \(civil.year) "
            + "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2)) UTC"
    }
}
