internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putRetentionPolicy = write("PutRetentionPolicy") { (input, call, state, _) throws(AWSFault) in
        let name = try input.logGroupName()
        guard let days = try input.integer("retentionInDays") else { throw input.missing("retentionInDays") }
        guard LogGroup.retentionPeriods.contains(days) else {
            let periods = LogGroup.retentionPeriods.sorted().map(String.init).joined(separator: ", ")
            throw AWSFault.Logs.invalid(
                "1 validation error detected: Value '\(days)' at 'retentionInDays' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [\(periods)]")
        }
        guard var group = state.logGroups[call.scope, name] else { throw AWSFault.Logs.noGroup }
        group.retentionInDays = days
        state.logGroups[call.scope, name] = group
        return nil
    }
}
