internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension WireReader {
    /// The name of the alarm that `ResourceARN` names.
    fileprivate func taggedAlarm() throws(AWSFault) -> String {
        let text = try required("ResourceARN", .length(1...1024))
        guard let arn = ARN(text), arn.resource.hasPrefix("alarm:") else {
            throw AWSFault.Monitoring.value("Invalid ARN: \(text)")
        }
        return String(arn.resource.dropFirst("alarm:".count))
    }
}

private let noResource = AWSFault(
    "ResourceNotFoundException", "The resource does not exist.", status: 404)

/// Changes the tags of an alarm of either kind.
private func change(
    _ name: String, _ call: Call, _ state: PipelineState, _ body: (inout [String: String]) -> Void
) throws(AWSFault) {
    if var alarm = state.alarms[call.scope, name] {
        body(&alarm.tags)
        state.alarms[call.scope, name] = alarm
    } else if var alarm = state.compositeAlarms[call.scope, name] {
        body(&alarm.tags)
        state.compositeAlarms[call.scope, name] = alarm
    } else {
        throw noResource
    }
}

extension Operation where Context == Call {
    static let tagAlarm = write("TagResource") { (input, call, state, _) throws(AWSFault) in
        let tags = try input.tags("Tags")
        try change(try input.taggedAlarm(), call, state) { all in
            for (key, value) in tags { all[key] = value }
        }
        return .empty
    }

    static let untagAlarm = write("UntagResource") { (input, call, state, _) throws(AWSFault) in
        let keys = try input.strings("TagKeys")
        try change(try input.taggedAlarm(), call, state) { all in
            for key in keys { all[key] = nil }
        }
        return .empty
    }

    static let listTagsOfAlarm = read("ListTagsForResource") { (input, call, state, _) throws(AWSFault) in
        let name = try input.taggedAlarm()
        let tags = state.alarms[call.scope, name]?.tags ?? state.compositeAlarms[call.scope, name]?.tags
        return ["Tags": .tagList(tags ?? [:])]
    }
}
