internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteRetentionPolicy = write("DeleteRetentionPolicy") { (input, call, state, _) throws(AWSFault) in
        let name = try input.logGroupName()
        guard var group = state.logGroups[call.scope, name] else { throw AWSFault.Logs.noGroup }
        group.retentionInDays = nil
        state.logGroups[call.scope, name] = group
        return nil
    }
}
