internal import AWSCore
internal import AWSWire
internal import Notifications
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    static let publish = data("Publish") { (input, call) throws(AWSFault) in
        let message = try Message(input)
        return try call.perform { (state, now) throws(AWSFault) in
            guard input.has("TopicArn") || input.has("TargetArn") else {
                throw AWSFault.Notification.invalid("TopicArn or TargetArn Reason: no value for required parameter")
            }
            let topic = try input.existingTopic(call, state, input.has("TopicArn") ? "TopicArn" : "TargetArn")
            try message.check(for: topic, ungrouped: "The request must contain the parameter MessageGroupId.")
            return .structure(message.publish(to: topic, call, state, now))
        }
    }

    static let publishBatch = data("PublishBatch") { (input, call) throws(AWSFault) in
        let entries = try input.list("PublishBatchRequestEntries")
        func fault(_ name: String, _ message: String) -> AWSFault {
            AWSFault(name + "Exception", message, queryCode: name)
        }
        guard !entries.isEmpty else {
            throw fault("EmptyBatchRequest", "The batch request doesn't contain any entries.")
        }
        guard entries.count <= 10 else {
            throw fault(
                "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
        }
        var ids: [String] = []
        for entry in entries { ids.append(try entry.required("Id")) }
        guard Set(ids).count == ids.count else {
            throw fault(
                "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
        }
        var messages: [(id: String, message: Result<Message, AWSFault>)] = []
        var size = 0
        for (id, entry) in zip(ids, entries) {
            do throws(AWSFault) {
                let message = try Message(entry)
                size += message.size
                messages.append((id, .success(message)))
            } catch {
                messages.append((id, .failure(error)))
            }
        }
        guard size <= Message.largest else {
            throw fault(
                "BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
        }
        let checked = messages
        return try call.perform { (state, now) throws(AWSFault) in
            let topic = try input.existingTopic(call, state)
            for case (_, .success(let message)) in checked {
                try message.check(
                    for: topic, ungrouped: "The MessageGroupId parameter is required for FIFO topics")
            }
            var done: [WireValue] = []
            var failed: [WireValue] = []
            for (id, message) in checked {
                switch message {
                case .success(let message):
                    done.append(
                        .structure([WireMember("Id", .string(id))] + message.publish(to: topic, call, state, now)))
                case .failure(let fault):
                    failed.append([
                        "Id": .string(id), "Code": .string(fault.queryCode), "Message": WireValue(fault.message),
                        "SenderFault": true,
                    ])
                }
            }
            return ["Successful": .list(done), "Failed": .list(failed)]
        }
    }
}

/// What is published, checked.
private struct Message: Sendable {
    static let largest = 262_144

    let subject: String?
    let text: String
    let byProtocol: [String: String]
    let attributes: [String: Delivery.Attribute]
    /// Whether it names a group, and an id that tells it from others: for topics that keep the order.
    let isGrouped: Bool
    let isDeduplicated: Bool

    init(_ input: WireReader) throws(AWSFault) {
        guard let message = try input.string("Message"), !message.isEmpty else {
            throw AWSFault.Notification.invalid("Empty message")
        }
        subject = try input.string("Subject")
        if let subject {
            let isPlain = subject.unicodeScalars.allSatisfy { $0 >= " " && $0 != "\u{7F}" }
            guard !subject.isEmpty, subject.unicodeScalars.count < 100, isPlain else {
                throw AWSFault.Notification.invalid("Subject")
            }
        }
        isGrouped = input.has("MessageGroupId")
        isDeduplicated = input.has("MessageDeduplicationId")
        var attributes: [String: Delivery.Attribute] = [:]
        if let map = try input.structure("MessageAttributes") {
            for member in map.value.members {
                guard let one = try map.structure(member.name) else { continue }
                attributes[member.name] = try Self.attribute(member.name, one)
            }
        }
        self.attributes = attributes
        if try input.string("MessageStructure") == "json" {
            guard case .structure(let members)? = JSONWire.parse(message) else {
                throw AWSFault.Notification.invalid("Message Structure - JSON message body failed to parse")
            }
            var texts: [String: String] = [:]
            for member in members { if case .string(let text) = member.value { texts[member.name] = text } }
            guard let common = texts["default"] else {
                throw AWSFault.Notification.invalid("Message Structure - No default entry in JSON message body")
            }
            text = common
            byProtocol = texts
        } else {
            text = message
            byProtocol = [:]
        }
        guard size <= Self.largest else { throw AWSFault.Notification.invalid("Message too long") }
    }

    var size: Int {
        text.utf8.count
            + attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.type.utf8.count + $1.value.value.utf8.count }
    }

    /// Checks what only topics that keep the order ask for, or only others refuse.
    ///
    /// - Parameter ungrouped: the words of the operation for a message without a group.
    func check(for topic: Topic, ungrouped: String) throws(AWSFault) {
        if topic.isFIFO {
            guard isGrouped else { throw AWSFault.Notification.invalid(ungrouped) }
            guard isDeduplicated || topic.attributes["ContentBasedDeduplication"] == "true" else {
                throw AWSFault.Notification.invalid(
                    "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                        + "explicitly")
            }
        } else if isDeduplicated {
            throw AWSFault.Notification.invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid "
                    + "for this topic type")
        }
    }

    /// Gives the members of the answer.
    func publish(to topic: Topic, _ call: Call, _ state: PipelineState, _ now: Timestamp) -> [WireMember] {
        let announcement = Announcement(
            subject: subject, message: text, byProtocol: byProtocol, attributes: attributes)
        let id = state.publish(announcement, to: topic.name, in: call.scope, at: now)
        let answer = [WireMember("MessageId", .string(id))]
        guard topic.isFIFO else { return answer }
        return answer + [WireMember("SequenceNumber", .string("1" + padded(Int(state.takeNumber()), 19)))]
    }

    private static func attribute(_ name: String, _ input: WireReader) throws(AWSFault) -> Delivery.Attribute {
        func fault(_ words: String) -> AWSFault {
            AWSFault("ParameterValueInvalid", words, queryCode: "ParameterValueInvalid")
        }
        let type = try input.string("DataType") ?? ""
        let kind = type.split(separator: ".").first.map(String.init) ?? ""
        guard ["String", "Number", "Binary"].contains(kind) else {
            throw fault(
                "The message attribute '\(name)' has an invalid message attribute type, the set of supported type "
                    + "prefixes is Binary, Number, and String.")
        }
        let value: String?
        if kind == "Binary" { value = try input.string("BinaryValue") } else { value = try input.string("StringValue") }
        guard let value, !value.isEmpty else {
            throw fault(
                "The message attribute '\(name)' must contain non-empty message attribute value for message attribute "
                    + "type '\(type)'.")
        }
        if kind == "Number", Double(value) == nil {
            throw fault("Could not cast message attribute '\(name)' value to number.")
        }
        return Delivery.Attribute(type: type, value: value)
    }
}
