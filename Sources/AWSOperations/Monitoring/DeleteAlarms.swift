internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteAlarms = write("DeleteAlarms") { (input, call, state, now) throws(AWSFault) in
        let names = try input.strings("AlarmNames", 1...100)
        let unknown = names.filter { state.alarms[call.scope, $0] == nil }
        for name in names { state.deleteAlarm(name, in: call.scope, at: now) }
        if unknown.count == names.count, let first = unknown.first {
            throw AWSFault.Monitoring.notFound("The alarm \(first) does not exist.")
        }
        return nil
    }
}
