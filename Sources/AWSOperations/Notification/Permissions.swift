internal import AWSCore
internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

// A topic's policy is kept and shown; this server has no other accounts to let in.

extension Operation where Context == Call {
    static let addPermission = write("AddPermission") { (input, call, state, _) throws(AWSFault) in
        var topic = try input.existingTopic(call, state)
        let label = try input.required("Label")
        let accounts = try input.strings("AWSAccountId")
        let actions = try input.strings("ActionName")
        guard actions.allSatisfy(Topic.sharedActions.contains) else {
            throw Topic.badPermission("Policy statement action out of service scope!")
        }
        var (policy, statements) = topic.policyStatements
        guard !statements.contains(where: { $0["Sid"] == .string(label) }) else {
            throw Topic.badPermission("Statement already exists")
        }
        let principals = accounts.map { "arn:\(call.scope.partition):iam::\($0):root" }
        statements.append([
            "Sid": .string(label), "Effect": "Allow",
            "Principal": ["AWS": principals.count == 1 ? .string(principals[0]) : WireValue(principals)],
            "Action": actions.count == 1 ? .string("SNS:" + actions[0]) : WireValue(actions.map { "SNS:" + $0 }),
            "Resource": .string(topic.arn),
        ])
        policy.removeAll { $0.name == "Statement" }
        topic.attributes["Policy"] = JSONWire.text(.structure(policy + [WireMember("Statement", .list(statements))]))
        state.topics[call.scope, topic.name] = topic
        return nil
    }

    static let removePermission = write("RemovePermission") { (input, call, state, _) throws(AWSFault) in
        var topic = try input.existingTopic(call, state)
        let label = try input.required("Label")
        var (policy, statements) = topic.policyStatements
        statements.removeAll { $0["Sid"] == .string(label) }
        policy.removeAll { $0.name == "Statement" }
        topic.attributes["Policy"] = JSONWire.text(.structure(policy + [WireMember("Statement", .list(statements))]))
        state.topics[call.scope, topic.name] = topic
        return nil
    }
}

extension Topic {
    /// What a topic's policy may grant.
    fileprivate static let sharedActions: Set = [
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
        "ListSubscriptionsByTopic", "Publish", "Receive",
    ]

    fileprivate static func badPermission(_ words: String) -> AWSFault {
        AWSFault("InvalidParameterException", "Invalid parameter: \(words)", queryCode: "InvalidParameter")
    }

    fileprivate var policyStatements: (policy: [WireMember], statements: [WireValue]) {
        guard let policy = JSONWire.parse(attributes["Policy"] ?? defaultPolicy) else { return ([], []) }
        guard case .list(let statements)? = policy["Statement"] else { return (policy.members, []) }
        return (policy.members, statements)
    }
}
