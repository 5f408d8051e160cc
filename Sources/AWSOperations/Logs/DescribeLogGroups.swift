internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let describeLogGroups = read("DescribeLogGroups") { (input, call, state, _) throws(AWSFault) in
        let prefix = try input.groupPart("logGroupNamePrefix")
        let pattern = try input.groupPart("logGroupNamePattern")?.lowercased()
        if prefix != nil, pattern != nil {
            throw AWSFault.Logs.invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        }
        var groups = state.logGroups.all(in: call.scope, prefix: prefix ?? "")
        if let pattern { groups = groups.filter { $0.name.lowercased().contains(pattern) } }
        let wanted = Set(try input.strings("logGroupIdentifiers").map { WireReader.groupName($0) })
        if !wanted.isEmpty { groups = groups.filter { wanted.contains($0.name) } }
        if let kind = try input.string("logGroupClass") { groups = groups.filter { $0.logGroupClass == kind } }
        let page = try Page(
            groups, name: \.name, token: try input.string("nextToken"), limit: try input.integer("limit", 1...50) ?? 50,
            invalid: AWSFault.Logs.badToken)
        let items = page.elements.map { group -> WireValue in
            let arn = call.scope.arn("logs", "log-group:" + group.name)
            return [
                "logGroupName": .string(group.name), "creationTime": .milliseconds(group.creationTime),
                "retentionInDays": WireValue(group.retentionInDays),
                "metricFilterCount": WireValue(
                    state.metricFilters.names(in: call.scope, prefix: group.name + ":").count),
                "arn": .string(arn + ":*"),
                "storedBytes": pattern == nil ? WireValue(state.storedBytes(of: group.name, in: call.scope)) : .null,
                "kmsKeyId": WireValue(group.kmsKeyID), "logGroupClass": .string(group.logGroupClass),
                "logGroupArn": .string(arn),
                "deletionProtectionEnabled": pattern == nil ? .bool(group.isProtectedFromDeletion) : .null,
            ]
        }
        return ["logGroups": .list(items), "nextToken": WireValue(page.nextToken)]
    }
}
