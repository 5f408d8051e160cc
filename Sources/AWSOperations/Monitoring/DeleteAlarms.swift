internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteAlarms = write("DeleteAlarms") { (input, call, state, now) throws(AWSFault) in
        let names = try input.strings("AlarmNames", 1...100)
        let composites = names.filter { state.compositeAlarms[call.scope, $0] != nil }
        guard composites.count <= 1 else {
            throw AWSFault.Monitoring.validation("At most one composite alarm can be deleted in one call.")
        }
        let known = names.filter { state.alarms[call.scope, $0] != nil || composites.contains($0) }
        let needed = known.filter { name in
            !state.parents(of: name, in: call.scope).allSatisfy { names.contains($0.name) }
        }
        guard needed.isEmpty else {
            throw AWSFault.Monitoring.validation(
                "Cannot delete \(needed.joined(separator: ",")) as there are composite alarm(s) depending on "
                    + "\(needed.count == 1 ? "it" : "them").")
        }
        for name in known {
            state.deleteAlarm(name, in: call.scope, at: now)
            state.deleteCompositeAlarm(name, in: call.scope, at: now)
        }
        // Of several names those that are not there are passed over.
        if known.isEmpty, let first = names.first {
            throw AWSFault.Monitoring.notFound("The alarm \(first) does not exist.")
        }
        return nil
    }
}
