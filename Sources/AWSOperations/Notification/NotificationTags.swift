internal import AWSCore
internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension WireReader {
    fileprivate func taggedTopic(_ call: Call, _ state: PipelineState) throws(AWSFault) -> Topic {
        let text = try required("ResourceArn")
        guard let arn = ARN(text), let topic = state.topics[call.scope, arn.resource] else {
            throw AWSFault(
                "ResourceNotFoundException", "Resource does not exist", queryCode: "ResourceNotFound", status: 404)
        }
        return topic
    }
}

extension Operation where Context == Call {
    static let tagTopic = write("TagResource") { (input, call, state, _) throws(AWSFault) in
        var topic = try input.taggedTopic(call, state)
        var keys: Set<String> = []
        for (key, value) in try input.tags("Tags") {
            guard keys.insert(key).inserted else {
                throw AWSFault.Notification.invalid("Duplicated keys are not allowed.")
            }
            topic.tags[key] = value
        }
        guard topic.tags.count <= 50 else {
            throw AWSFault(
                "TagLimitExceededException", "Could not complete request: tag quota of per resource exceeded",
                queryCode: "TagLimitExceeded")
        }
        state.topics[call.scope, topic.name] = topic
        return .empty
    }

    static let untagTopic = write("UntagResource") { (input, call, state, _) throws(AWSFault) in
        var topic = try input.taggedTopic(call, state)
        for key in try input.strings("TagKeys") { topic.tags[key] = nil }
        state.topics[call.scope, topic.name] = topic
        return .empty
    }

    static let listTagsOfTopic = read("ListTagsForResource") { (input, call, state, _) throws(AWSFault) in
        ["Tags": .tagList(try input.taggedTopic(call, state).tags)]
    }
}
