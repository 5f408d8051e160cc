internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let createLogGroup = write("CreateLogGroup") { (input, call, state, now) throws(AWSFault) in
        let name = try input.logGroupName()
        if name.hasPrefix("aws/") {
            throw AWSFault.Logs.invalid("Log groups starting with AWS/ are reserved for AWS.")
        }
        guard state.logGroups[call.scope, name] == nil else { throw AWSFault.Logs.groupExists }
        let tags = try input.map("tags")
        guard tags.count <= 50 else { throw AWSFault.Logs.limit }
        state.logGroups[call.scope, name] = LogGroup(
            name: name, creationTime: now, kmsKeyID: try input.string("kmsKeyId"),
            logGroupClass: try input.string("logGroupClass", .oneOf(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]))
                ?? "STANDARD",
            isProtectedFromDeletion: try input.bool("deletionProtectionEnabled") ?? false, tags: tags)
        return nil
    }
}
