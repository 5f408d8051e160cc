internal import AWSCore
internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let createTopic = write("CreateTopic") { (input, call, state, _) throws(AWSFault) in
        let name = try input.required("Name")
        var attributes = try input.map("Attributes")
        let isFIFO = attributes["FifoTopic"]?.lowercased() == "true"
        // The ending and the attribute go together.
        let base = isFIFO && name.hasSuffix(".fifo") ? name.dropLast(".fifo".count) : name[...]
        let isLegal =
            !base.isEmpty && name.utf8.count <= 256 && isFIFO == name.hasSuffix(".fifo")
            && base.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
        guard isLegal else { throw AWSFault.Notification.invalid("Topic Name") }
        attributes["FifoTopic"] = isFIFO ? "true" : nil
        attributes["ContentBasedDeduplication"] = attributes["ContentBasedDeduplication"]?.lowercased()
        var tags: [String: String] = [:]
        for (key, value) in try input.tags("Tags") {
            guard tags[key] == nil else { throw AWSFault.Notification.invalid("Duplicated keys are not allowed.") }
            tags[key] = value
        }
        guard tags.count <= 50 else {
            throw AWSFault(
                "TagLimitExceededException", "Could not complete request: tag quota of per resource exceeded",
                queryCode: "TagLimitExceeded")
        }
        let arn = call.scope.arn("sns", name)
        if let present = state.topics[call.scope, name] {
            for (key, value) in attributes where present.attributes[key] != value {
                throw AWSFault.Notification.invalid(
                    "Attributes Reason: Topic already exists with different attributes")
            }
            if input.has("Tags"), !tags.isEmpty, tags != present.tags {
                throw AWSFault.Notification.invalid("Tags Reason: Topic already exists with different tags")
            }
            return ["TopicArn": .string(arn)]
        }
        for (name, value) in attributes { try Topic.check(name, value, prefix: "Attributes Reason: ") }
        state.topics[call.scope, name] = Topic(
            name: name, arn: arn, owner: call.scope.account, attributes: attributes, tags: tags)
        return ["TopicArn": .string(arn)]
    }

    static let deleteTopic = write("DeleteTopic") { (input, call, state, _) throws(AWSFault) in
        let name = try input.topic(call)
        for key in state.subscriptions.names(in: call.scope, prefix: name + ":") {
            state.subscriptions[call.scope, key] = nil
        }
        state.topics[call.scope, name] = nil
        return nil
    }

    static let listTopics = read("ListTopics") { (input, call, state, _) throws(AWSFault) in
        let page = try Page(
            state.topics.all(in: call.scope), name: \.name, token: try input.string("NextToken"), limit: 100,
            invalid: AWSFault.Notification.invalid("NextToken"))
        return [
            "Topics": .list(page.elements.map { ["TopicArn": .string($0.arn)] }),
            "NextToken": WireValue(page.nextToken),
        ]
    }
}
