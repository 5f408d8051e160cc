internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let setAlarmState = write("SetAlarmState") { (input, call, state, now) throws(AWSFault) in
        let name = try input.required("AlarmName", .length(1...255))
        let value = try input.required("StateValue", WireReader.states)
        let reason = try input.required("StateReason", .length(0...1023))
        let data = try input.string("StateReasonData", .length(0...4000))
        if let data, JSONWire.parse(data) == nil {
            throw AWSFault("InvalidFormatFault", "StateReasonData is not valid JSON.", queryCode: "InvalidFormat")
        }
        if let composite = state.compositeAlarms[call.scope, name], let wanted = AlarmState(rawValue: value) {
            state.setState(of: composite, in: call.scope, to: wanted, reason: reason, reasonData: data, at: now)
            return nil
        }
        guard let alarm = state.alarms[call.scope, name], let wanted = AlarmState(rawValue: value) else {
            throw AWSFault.Monitoring.notFound(nil)
        }
        state.setState(of: alarm, in: call.scope, to: wanted, reason: reason, reasonData: data, at: now)
        return nil
    }
}
