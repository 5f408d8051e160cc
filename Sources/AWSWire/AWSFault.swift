/// An error as a service of AWS tells it to its caller.
public struct AWSFault: Error, Hashable, Sendable {
    /// The name of the error's shape: what JSON and CBOR carry as `__type`.
    public var type: String
    /// What Query carries as `Code`; it may differ from the shape.
    public var queryCode: String
    public var status: Int
    public var message: String?

    public init(_ type: String, _ message: String?, queryCode: String? = nil, status: Int = 400) {
        self.type = type
        self.message = message
        self.queryCode = queryCode ?? type
        self.status = status
    }

    /// Whether the fault is the service's and not the caller's.
    public var isReceiver: Bool { status >= 500 }

    /// A body that is not what its content type says.
    public static func serialization(_ what: String) -> AWSFault { AWSFault("SerializationException", what) }
}
