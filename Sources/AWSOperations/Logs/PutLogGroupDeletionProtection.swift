internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putLogGroupDeletionProtection = write("PutLogGroupDeletionProtection") {
        (input, call, state, _) throws(AWSFault) in
        let name = try input.logGroup(call)
        guard let isProtected = try input.bool("deletionProtectionEnabled") else {
            throw input.missing("deletionProtectionEnabled")
        }
        guard var group = state.logGroups[call.scope, name] else { throw AWSFault.Logs.noGroup }
        group.isProtectedFromDeletion = isProtected
        state.logGroups[call.scope, name] = group
        return nil
    }
}
