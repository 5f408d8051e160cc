internal import AWSCore
internal import AWSWire
internal import Controls
internal import FilterPattern
public import Pipeline
public import WireValues

extension Operation where Context == Call {
    /// The exceptions of the configuration, and how often each has kept a match of the account from counting.
    static let describeExceptions = data("DescribeExceptions") { (_, call) throws(AWSFault) in
        let exceptions = try call.perform { (state, now) throws(AWSFault) in
            state.exceptions(of: call.scope.account, at: now)
        }
        return ["exceptions": .list(exceptions.map(\.wireValue))]
    }
}

extension ExceptionStatus {
    public var wireValue: WireValue {
        [
            "name": .string(exception.name), "control": .string(exception.control),
            "pattern": .string(exception.pattern.description), "reason": .string(exception.reason),
            "expires": .string(exception.expires.description), "expired": .bool(isExpired),
            "suppressed": WireValue(suppressed),
        ]
    }
}
