internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putResourcePolicy = write("PutResourcePolicy") { (input, call, state, now) throws(AWSFault) in
        let name = try input.required("policyName")
        let document = try input.required("policyDocument", .length(1...5120))
        guard JSONWire.parse(document) != nil else {
            throw AWSFault.Logs.invalid("The policy document is not valid JSON.")
        }
        if state.resourcePolicies[call.scope, name] == nil, state.resourcePolicies.count(in: call.scope) >= 10 {
            throw AWSFault.Logs.limit
        }
        let policy = ResourcePolicy(name: name, document: document, updated: now)
        state.resourcePolicies[call.scope, name] = policy
        return ["resourcePolicy": policy.value]
    }

    static let describeResourcePolicies = read("DescribeResourcePolicies") { (input, call, state, _) throws(AWSFault) in
        ["resourcePolicies": .list(state.resourcePolicies.all(in: call.scope).map(\.value))]
    }

    static let deleteResourcePolicy = write("DeleteResourcePolicy") { (input, call, state, _) throws(AWSFault) in
        let name = try input.required("policyName")
        guard state.resourcePolicies[call.scope, name] != nil else {
            throw AWSFault("ResourceNotFoundException", "Policy with name [\(name)] does not exist")
        }
        state.resourcePolicies[call.scope, name] = nil
        return nil
    }
}

extension ResourcePolicy {
    fileprivate var value: WireValue {
        [
            "policyName": .string(name), "policyDocument": .string(document), "lastUpdatedTime": .milliseconds(updated),
        ]
    }
}
