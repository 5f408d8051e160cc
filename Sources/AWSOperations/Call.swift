public import AWSCore
internal import AWSWire
public import Pipeline
internal import Store
internal import WireValues

/// Who calls, as far as the request's signature tells.
public struct Caller: Sendable {
    public var account: String
    public var arn: String
    public var userName: String?
    public var accessKeyID: String
    /// Whether the request carried a signature; confirmation links do not.
    public var isSigned: Bool

    public init(account: String, arn: String, userName: String?, accessKeyID: String, isSigned: Bool) {
        self.account = account
        self.arn = arn
        self.userName = userName
        self.accessKeyID = accessKeyID
        self.isSigned = isSigned
    }
}

/// One call of an operation, with all that it may touch.
public struct Call: Sendable {
    public let pipeline: Pipeline
    public let scope: Scope
    public let caller: Caller
    public let eventSource: String
    public let requestID: String
    public let sourceAddress: String
    public let userAgent: String

    public init(
        pipeline: Pipeline, scope: Scope, caller: Caller, eventSource: String, requestID: String, sourceAddress: String,
        userAgent: String
    ) {
        self.pipeline = pipeline
        self.scope = scope
        self.caller = caller
        self.eventSource = eventSource
        self.requestID = requestID
        self.sourceAddress = sourceAddress
        self.userAgent = userAgent
    }

    /// Runs `body` on the state of the pipeline and returns when its changes are on disk.
    func perform<Result>(
        _ body: (PipelineState, Timestamp) throws(AWSFault) -> Result
    ) throws(AWSFault) -> Result {
        try pipeline.perform(lost: { AWSFault.unavailable($0) }, body)
    }
}

extension AWSFault {
    /// The store is out of order. Its own words go to the log, not to the caller.
    static func unavailable(_ error: StoreError) -> AWSFault {
        AWSFault(
            "ServiceUnavailableException", "The service cannot store anything at present.",
            queryCode: "ServiceUnavailable", status: 503)
    }
}

/// The body of a management operation: it works on the state, and is recorded as CloudTrail records it.
typealias ManagementBody = @Sendable (WireReader, Call, PipelineState, Timestamp) throws(AWSFault) -> WireValue?

extension Operation where Context == Call {
    /// An operation that changes something and is recorded as an event.
    static func write(_ name: String, _ body: @escaping ManagementBody) -> Operation {
        managed(name, isReadOnly: false, body)
    }

    /// An operation that changes nothing and is recorded as an event.
    static func read(_ name: String, _ body: @escaping ManagementBody) -> Operation {
        managed(name, isReadOnly: true, body)
    }

    /// An operation on data, which CloudTrail does not record as a management event; it takes the lock itself.
    static func data(
        _ name: String, _ body: @escaping @Sendable (WireReader, Call) throws(AWSFault) -> WireValue?
    ) -> Operation {
        Operation(name, isReadOnly: true, body)
    }

    private static func managed(_ name: String, isReadOnly: Bool, _ body: @escaping ManagementBody) -> Operation {
        Operation(name, isReadOnly: isReadOnly) { (input, call) throws(AWSFault) in
            try call.perform { (state, now) throws(AWSFault) in
                let record = EventRecord(
                    call: call, operation: name, isReadOnly: isReadOnly, input: input.value, time: now)
                do throws(AWSFault) {
                    let output = try body(input, call, state, now)
                    state.record(record.value(output: output, nil), name: name, in: call.scope, at: now)
                    return output
                } catch {
                    state.record(record.value(output: nil, error), name: name, in: call.scope, at: now)
                    throw error
                }
            }
        }
    }
}
