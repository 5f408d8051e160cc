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

extension Operation where Context == Call {
    static let tagAlarm = write("TagResource") { (input, call, state, _) throws(AWSFault) in
        let name = try input.taggedAlarm()
        guard var alarm = state.alarms[call.scope, name] else { throw noResource }
        for (key, value) in try input.tags("Tags") { alarm.tags[key] = value }
        state.alarms[call.scope, name] = alarm
        return .empty
    }

    static let untagAlarm = write("UntagResource") { (input, call, state, _) throws(AWSFault) in
        let name = try input.taggedAlarm()
        guard var alarm = state.alarms[call.scope, name] else { throw noResource }
        for key in try input.strings("TagKeys") { alarm.tags[key] = nil }
        state.alarms[call.scope, name] = alarm
        return .empty
    }

    static let listTagsOfAlarm = read("ListTagsForResource") { (input, call, state, _) throws(AWSFault) in
        ["Tags": .tagList(state.alarms[call.scope, try input.taggedAlarm()]?.tags ?? [:])]
    }
}
