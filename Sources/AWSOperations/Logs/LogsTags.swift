internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

// Two generations of calls act on one set of tags.

extension WireReader {
    /// The log group that `resourceArn` names.
    fileprivate func taggedGroup(_ call: Call, _ state: PipelineState) throws(AWSFault) -> LogGroup {
        let arn = try required("resourceArn")
        guard let group = state.logGroups[call.scope, Self.groupName(arn)] else {
            throw AWSFault("ResourceNotFoundException", "The specified resource does not exist.")
        }
        return group
    }

    fileprivate func namedGroup(_ call: Call, _ state: PipelineState) throws(AWSFault) -> LogGroup {
        guard let group = state.logGroups[call.scope, try logGroupName()] else { throw AWSFault.Logs.noGroup }
        return group
    }
}

private func tag(
    _ group: LogGroup, adding tags: [String: String] = [:], removing keys: [String] = [], _ call: Call,
    _ state: PipelineState
) throws(AWSFault) {
    var group = group
    group.tags.merge(tags) { $1 }
    for key in keys { group.tags[key] = nil }
    guard group.tags.count <= 50 else {
        throw AWSFault("TooManyTagsException", "A resource can have no more than 50 tags.")
    }
    state.logGroups[call.scope, group.name] = group
}

extension Operation where Context == Call {
    static let tagLogsResource = write("TagResource") { (input, call, state, _) throws(AWSFault) in
        try tag(try input.taggedGroup(call, state), adding: try input.map("tags"), call, state)
        return nil
    }

    static let untagLogsResource = write("UntagResource") { (input, call, state, _) throws(AWSFault) in
        try tag(try input.taggedGroup(call, state), removing: try input.strings("tagKeys"), call, state)
        return nil
    }

    static let listTagsForLogsResource = read("ListTagsForResource") { (input, call, state, _) throws(AWSFault) in
        ["tags": WireValue(try input.taggedGroup(call, state).tags)]
    }

    static let tagLogGroup = write("TagLogGroup") { (input, call, state, _) throws(AWSFault) in
        try tag(try input.namedGroup(call, state), adding: try input.map("tags"), call, state)
        return nil
    }

    static let untagLogGroup = write("UntagLogGroup") { (input, call, state, _) throws(AWSFault) in
        try tag(try input.namedGroup(call, state), removing: try input.strings("tags"), call, state)
        return nil
    }

    static let listTagsLogGroup = read("ListTagsLogGroup") { (input, call, state, _) throws(AWSFault) in
        ["tags": WireValue(try input.namedGroup(call, state).tags)]
    }
}
