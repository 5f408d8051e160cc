internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let enableAlarmActions = write("EnableAlarmActions") { (input, call, state, _) throws(AWSFault) in
        enableActions(true, of: try input.strings("AlarmNames", 1...100), call, state)
        return nil
    }

    static let disableAlarmActions = write("DisableAlarmActions") { (input, call, state, _) throws(AWSFault) in
        enableActions(false, of: try input.strings("AlarmNames", 1...100), call, state)
        return nil
    }
}

private func enableActions(_ enabled: Bool, of names: [String], _ call: Call, _ state: PipelineState) {
    for name in names {
        if var composite = state.compositeAlarms[call.scope, name] {
            composite.actionsEnabled = enabled
            state.compositeAlarms[call.scope, name] = composite
        }
        guard var alarm = state.alarms[call.scope, name] else { continue }
        alarm.actionsEnabled = enabled
        state.alarms[call.scope, name] = alarm
    }
}
