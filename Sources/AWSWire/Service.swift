public import WireValues

/// One operation of a service.
public struct Operation<Context>: Sendable {
    public typealias Body = @Sendable (WireReader, Context) throws(AWSFault) -> WireValue?

    public let name: String
    /// Whether it changes nothing: what CloudTrail calls `readOnly`.
    public let isReadOnly: Bool
    /// What it does; nil for an operation without output, of which Query writes no result.
    public let run: Body

    public init(_ name: String, isReadOnly: Bool, _ run: @escaping Body) {
        self.name = name
        self.isReadOnly = isReadOnly
        self.run = run
    }
}

/// A service of AWS: how clients call it, and what it can do.
public struct Service<Context>: Sendable {
    /// Under this name requests are signed.
    public let signingName: String
    /// What CloudTrail calls it: `logs.amazonaws.com`.
    public let eventSource: String
    /// What stands before the operation in `X-Amz-Target`, if it speaks JSON.
    public let targetPrefix: String?
    /// The name of the service in a path of RPC v2, if it speaks CBOR.
    public let cborName: String?
    /// `Version` in Query, if it speaks that.
    public let queryVersion: String?
    public let namespace: String
    /// What stands before the name of an error's shape in JSON and CBOR.
    public let shapePrefix: String
    /// Whether JSON and CBOR errors also carry the code of Query (Smithy's `awsQueryCompatible`).
    public let isQueryCompatible: Bool
    public let operations: [String: Operation<Context>]
    public let invalid: @Sendable (String) -> AWSFault

    public init(
        signingName: String, eventSource: String, targetPrefix: String? = nil, cborName: String? = nil,
        queryVersion: String? = nil, namespace: String = "", shapePrefix: String = "", isQueryCompatible: Bool = false,
        invalid: @escaping @Sendable (String) -> AWSFault, operations: [Operation<Context>]
    ) {
        self.signingName = signingName
        self.eventSource = eventSource
        self.targetPrefix = targetPrefix
        self.cborName = cborName
        self.queryVersion = queryVersion
        self.namespace = namespace
        self.shapePrefix = shapePrefix
        self.isQueryCompatible = isQueryCompatible
        self.invalid = invalid
        self.operations = Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0) })
    }
}
