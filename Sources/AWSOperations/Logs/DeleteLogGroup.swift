internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteLogGroup = write("DeleteLogGroup") { (input, call, state, _) throws(AWSFault) in
        let name = try input.logGroupName()
        guard let group = state.logGroups[call.scope, name] else { throw AWSFault.Logs.noGroup }
        guard !group.isProtectedFromDeletion else {
            throw AWSFault(
                "ValidationException", "The log group \(name) is protected from deletion; disable the protection first."
            )
        }
        state.deleteLogGroup(name, in: call.scope)
        return nil
    }
}
