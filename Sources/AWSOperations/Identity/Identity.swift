internal import AWSCore
public import AWSWire
internal import WireValues

extension Operation where Context == Call {
    static let getCallerIdentity = data("GetCallerIdentity") { (_, call) throws(AWSFault) in
        [
            "UserId": .string(call.caller.accessKeyID), "Account": .string(call.caller.account),
            "Arn": .string(call.caller.arn),
        ]
    }
}

extension Service where Context == Call {
    /// STS.
    public static let identity = Service(
        signingName: "sts", eventSource: "sts.amazonaws.com", queryVersion: "2011-06-15",
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        invalid: { AWSFault("ValidationError", $0) }, operations: [.getCallerIdentity])
}
