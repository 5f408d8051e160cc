internal import AWSCore
internal import AWSOperations
internal import AWSWire
internal import Crypto
internal import Delivery
internal import Foundation
internal import HTTP
internal import LogSources
internal import Pipeline
internal import Synchronization

/// Answers requests: finds out who calls what, lets in who may, and runs the operation.
final class Gate: Sendable {
    private let configuration: Configuration
    private let pipeline: Pipeline
    private let signer: Signer
    private let address: Address
    private let log: Log
    private let push: PushEndpoint
    private let status: @Sendable () -> StatusPage
    private let credentials: [String: Configuration.Credential]
    private let services: [Service<Call>] = [.logs, .monitoring, .notification, .trails, .identity, .trailwarden]
    private let isOpen = Atomic<Bool>(false)
    private let counters = CallCounters()

    init(
        _ configuration: Configuration, _ pipeline: Pipeline, _ signer: Signer, _ address: Address,
        _ log: Log, status: @escaping @Sendable () -> StatusPage
    ) {
        self.status = status
        push = PushEndpoint(
            PushSource(pipeline, in: Scope(account: configuration.account, region: "us-east-1")),
            key: configuration.pushKey, logGroup: Server.ControlSetup.logGroup
        ) { pipeline.clock.now }
        self.configuration = configuration
        self.pipeline = pipeline
        self.signer = signer
        self.address = address
        self.log = log
        credentials = Dictionary(configuration.credentials.map { ($0.accessKeyID, $0) }) { $1 }
    }

    func open() { isOpen.store(true, ordering: .releasing) }
    func close() { isOpen.store(false, ordering: .releasing) }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        page(request) ?? pushed(request) ?? call(request)
    }

    /// Events that are sent. Where everybody could send, nobody may.
    private func pushed(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.path.hasPrefix("/push/"),
            configuration.pushKey != nil || configuration.isLoopback && credentials.isEmpty
        else {
            return nil
        }
        return push.respond(request) { () throws(PushEndpoint.BodyFault) in
            do throws(AWSFault) {
                return try decoded(request).body
            } catch {
                throw PushEndpoint.BodyFault(words: error.message ?? error.type)
            }
        }
    }

    // MARK: Calls

    private func call(_ signed: HTTPRequest) -> HTTPResponse {
        let requestID = randomUUID()
        var known: WireCall<Call>?
        do throws(AWSFault) {
            let signature: Signature?
            do throws(Signature.Fault) { signature = try Signature(signed) } catch { throw error.fault(in: nil) }
            // The hash of a signature is over the bytes that were sent, so it is checked against those.
            let request = try decoded(signed)
            guard let call = try WireCall(request, services: services, signingName: signature?.service) else {
                return HTTPResponse(status: 404, text: "there is nothing here\n")
            }
            known = call
            let caller = try caller(signature, signed, call)
            guard let operation = call.operation else { throw call.unknownOperation }
            let context = Call(
                pipeline: pipeline,
                scope: Scope(account: caller.account, region: signature?.region ?? "us-east-1"), caller: caller,
                eventSource: call.service.eventSource, requestID: requestID, sourceAddress: request.peer,
                userAgent: request.headers["user-agent"] ?? "")
            let output = try operation.run(call.reader, context)
            count(call.service.signingName, call.operationName, nil)
            if configuration.logsCalls {
                log.info(
                    "\(call.service.signingName) \(call.operationName)",
                    ["requestId": requestID, "account": caller.account, "peer": request.peer])
            }
            if Self.isFromPage(signed, call) { return LinkPage.done(call.operationName) }
            return call.response(output, requestID: requestID)
        } catch {
            count(known?.service.signingName ?? "", known?.operationName ?? "", error.queryCode)
            report(error, of: known, from: signed, requestID)
            if let known, Self.isFromPage(signed, known) {
                return LinkPage.failed(error.message ?? error.type, status: error.status)
            }
            if let known { return known.response(error, requestID: requestID) }
            return WireCall<Call>.response(toUnknown: error, requestID: requestID)
        }
    }

    /// Logs a call that has failed: always when that is our fault or nobody may be let in, else when calls are logged.
    private func report(_ error: AWSFault, of call: WireCall<Call>?, from request: HTTPRequest, _ requestID: String) {
        let words = "\(call?.operationName ?? "a call"): \(error.message ?? error.type)"
        let fields: KeyValuePairs = ["requestId": requestID, "code": error.queryCode, "peer": request.peer]
        if error.isReceiver {
            log.fail(words, fields)
        } else if Self.refusals.contains(error.queryCode) {
            log.warn(words, fields)
        } else if configuration.logsCalls {
            log.info(words, fields)
        }
    }

    /// The codes of those who are not let in.
    private static let refusals: Set = [
        "MissingAuthenticationToken", "IncompleteSignature", "InvalidClientTokenId", "SignatureDoesNotMatch",
    ]

    /// The request with its body as it was before it was sent in chunks, or compressed.
    private func decoded(_ sent: HTTPRequest) throws(AWSFault) -> HTTPRequest {
        var request = sent
        let encodings = (request.headers["content-encoding"] ?? "").split(separator: ",")
            .map { $0.drop { $0 == " " }.lowercased() }
        if request.headers["x-amz-content-sha256"] == ChunkedBody.contentHash || encodings.contains("aws-chunked") {
            guard let body = ChunkedBody(request.body) else {
                throw .serialization("the body is not in signed chunks, as its headers say")
            }
            request.body = body.bytes
        }
        if encodings.contains("gzip") {
            guard let body = Gzip.inflate(request.body, limit: configuration.maximumBody) else {
                throw .serialization("the body is not gzip")
            }
            request.body = body
        }
        return request
    }

    /// Operations that a link without a signature may call.
    private static let open: Set = ["ConfirmSubscription", "Unsubscribe"]

    /// Whether the button of a page was pressed, so that a person reads the answer.
    private static func isFromPage(_ request: HTTPRequest, _ call: WireCall<Call>) -> Bool {
        open.contains(call.operationName) && request.headers["accept"]?.contains("text/html") == true
    }

    private func caller(
        _ signature: Signature?, _ request: HTTPRequest, _ call: WireCall<Call>
    ) throws(AWSFault) -> Caller {
        guard let signature else {
            guard credentials.isEmpty || Self.open.contains(call.operationName) && call.service.signingName == "sns"
            else {
                throw Signature.Fault.missing.fault(in: call.wireProtocol)
            }
            return Caller(
                account: configuration.account, arn: "anonymous", userName: nil, accessKeyID: "anonymous",
                isSigned: false)
        }
        let partition = Scope(account: "", region: signature.region).partition
        if credentials.isEmpty {
            // A key of twelve digits is an account of its own, as test suites use them.
            let isAccount = signature.accessKeyID.utf8.count == 12 && Int(signature.accessKeyID) != nil
            let account = isAccount ? signature.accessKeyID : configuration.account
            return Caller(
                account: account, arn: "arn:\(partition):iam::\(account):user/local", userName: "local",
                accessKeyID: signature.accessKeyID, isSigned: true)
        }
        guard let credential = credentials[signature.accessKeyID] else {
            throw Signature.Fault.unknownKey.fault(in: call.wireProtocol)
        }
        guard signature.service == call.service.signingName else {
            throw Signature.Fault.mismatch.fault(in: call.wireProtocol)
        }
        do throws(Signature.Fault) {
            try signature.verify(request, secret: credential.secret, at: pipeline.clock.now)
        } catch {
            throw error.fault(in: call.wireProtocol)
        }
        return Caller(
            account: credential.account, arn: "arn:\(partition):iam::\(credential.account):user/\(credential.userName)",
            userName: credential.userName, accessKeyID: credential.accessKeyID, isSigned: true)
    }

    // MARK: Pages

    private func page(_ request: HTTPRequest) -> HTTPResponse? {
        let isGet = request.method == "GET" || request.method == "HEAD"
        switch request.path {
        case "/health" where isGet: return HTTPResponse(status: 200, text: "ok\n")
        case "/ready" where isGet:
            let isReady = isOpen.load(ordering: .acquiring)
            return HTTPResponse(status: isReady ? 200 : 503, text: isReady ? "ready\n" : "not ready\n")
        case "/status" where isGet: return status().response
        case "/metrics" where isGet:
            return HTTPResponse(status: 200, text: metrics() + status().metrics, type: "text/plain; version=0.0.4")
        case let path where isGet && path.hasPrefix("/SimpleNotificationService-"):
            guard let key = signer.key, path == Courier.certificatePath(of: key) else { return nil }
            return HTTPResponse(status: 200, text: key.certificateText, type: "application/x-pem-file")
        case "/confirm" where isGet: return LinkPage.confirm(request.query)
        case "/unsubscribe" where isGet: return LinkPage.unsubscribe(request.query)
        case "/_trailwarden/reset" where request.method == "POST" && configuration.allowsReset:
            do {
                try pipeline.reset()
                return HTTPResponse(status: 200, text: "{}\n", type: "application/json")
            } catch {
                return HTTPResponse(status: 500, text: "\(error)\n")
            }
        case "/" where isGet && request.query.isEmpty:
            return HTTPResponse(
                status: 200, text: "trailwarden: point an AWS client here, with --endpoint-url \(address.url)\n")
        default: return nil
        }
    }

    private func count(_ service: String, _ operation: String, _ fault: String?) {
        let isKnown = services.contains { $0.signingName == service && $0.operations[operation] != nil }
        let labels = "service=\"\(service)\",operation=\"\(isKnown ? operation : "")\",code=\"\(fault ?? "")\""
        counters.add(labels)
    }

    /// Prometheus' text format.
    private func metrics() -> String {
        let calls = counters.all
        var text = "# HELP trailwarden_calls_total API calls answered.\n# TYPE trailwarden_calls_total counter\n"
        for (labels, count) in calls.sorted(by: { $0.key < $1.key }) {
            text += "trailwarden_calls_total{\(labels)} \(count)\n"
        }
        return text
    }
}

/// How often each operation was called, and how it ended.
private final class CallCounters: @unchecked Sendable {
    private let lock = NSLock()
    // Invariant: touched only under the lock.
    private var calls: [String: Int] = [:]

    func add(_ labels: String) { lock.withLock { calls[labels, default: 0] += 1 } }
    var all: [String: Int] { lock.withLock { calls } }
}
