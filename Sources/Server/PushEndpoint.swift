internal import AWSCore
internal import Crypto
internal import HTTP
internal import LogSources
internal import WireValues

/// Where others send events: Kinesis Data Firehose (its HTTP endpoint protocol) and API destinations of EventBridge.
struct PushEndpoint: Sendable {
    private let source: PushSource
    /// What senders must know; nil lets everybody send.
    private let key: String?
    private let logGroup: String
    private let now: @Sendable () -> Timestamp

    init(_ source: PushSource, key: String?, logGroup: String, now: @escaping @Sendable () -> Timestamp) {
        self.source = source
        self.key = key
        self.logGroup = logGroup
        self.now = now
    }

    /// The answer to a request that is meant for here; nil for all others. The body is inflated already.
    func respond(_ request: HTTPRequest, _ body: () throws(BodyFault) -> [UInt8]) -> HTTPResponse? {
        guard request.method == "POST" else { return nil }
        let group = formParameters(request.query).first { $0.name == "log-group" }?.value ?? logGroup
        do throws(BodyFault) {
            switch request.path {
            case "/push/firehose": return firehose(request, try body(), group)
            case "/push/events": return events(request, try body(), group)
            default: return nil
            }
        } catch {
            return HTTPResponse(status: 400, text: error.words + "\n")
        }
    }

    struct BodyFault: Error { var words: String }

    // MARK: Firehose

    /// Amazon Data Firehose Developer Guide, "HTTP endpoint delivery request and response specifications".
    private func firehose(_ request: HTTPRequest, _ body: [UInt8], _ group: String) -> HTTPResponse {
        let requestID = request.headers["x-amz-firehose-request-id"] ?? ""
        func answer(_ status: Int, _ fault: String?) -> HTTPResponse {
            let text = JSONWire.text([
                "requestId": .string(requestID), "timestamp": .integer(now().milliseconds),
                "errorMessage": WireValue(fault),
            ])
            return HTTPResponse(status: status, text: text, type: "application/json")
        }
        guard isKnown(request.headers["x-amz-firehose-access-key"]) else {
            return answer(401, "the access key is not the one that is expected")
        }
        guard let message = JSONWire.parse(body), case .list(let records)? = message["records"] else {
            return answer(400, "the body is no delivery request: it has no records")
        }
        if case .string(let inside)? = message["requestId"], inside != requestID {
            return answer(400, "the request id of the header is not that of the body")
        }
        guard !requestID.isEmpty else { return answer(400, "X-Amz-Firehose-Request-Id is missing") }
        var parts: [[UInt8]] = []
        for (number, record) in records.enumerated() {
            guard case .string(let text)? = record["data"], let data = Base64.decode(text) else {
                return answer(400, "record \(number + 1) has no data in Base64")
            }
            parts.append(data)
        }
        do throws(PushSource.Fault) {
            try source.take(parts, named: "firehose " + requestID, into: group)
            return answer(200, nil)
        } catch {
            let (status, words) = Self.words(error)
            return answer(status, words)
        }
    }

    // MARK: EventBridge

    /// Amazon EventBridge User Guide, "API destinations": the event, or its `detail`, with basic or API key
    /// authorization.
    private func events(_ request: HTTPRequest, _ body: [UInt8], _ group: String) -> HTTPResponse {
        guard isKnown(Self.sentKey(request)) else {
            return HTTPResponse(status: 401, text: "the key is not the one that is expected\n")
        }
        // An envelope has an id, and is sent again with the same one.
        let message = JSONWire.parse(body)
        var name = hex(SHA256.hash(body))
        if case .string(let id)? = message?["id"], message?["detail"] != nil { name = id }
        do throws(PushSource.Fault) {
            try source.take([body], named: "event " + name, into: group)
            return HTTPResponse(status: 200, text: "{}\n", type: "application/json")
        } catch {
            let (status, words) = Self.words(error)
            return HTTPResponse(status: status, text: words + "\n")
        }
    }

    /// The key of an `x-api-key` header, the password of basic authorization, or a bearer's token.
    private static func sentKey(_ request: HTTPRequest) -> String? {
        if let key = request.headers["x-api-key"] { return key }
        guard let words = request.headers["authorization"]?.split(separator: " ", maxSplits: 1), words.count == 2 else {
            return nil
        }
        if words[0].lowercased() == "bearer" { return String(words[1]) }
        guard words[0].lowercased() == "basic", let pair = Base64.decode(String(words[1])) else { return nil }
        return String(decoding: pair.drop { $0 != UInt8(ascii: ":") }.dropFirst(), as: UTF8.self)
    }

    private func isKnown(_ sent: String?) -> Bool {
        guard let key else { return true }
        return equalsInConstantTime(Array((sent ?? "").utf8), Array(key.utf8))
    }

    private static func words(_ fault: PushSource.Fault) -> (status: Int, words: String) {
        switch fault {
        case .unreadable(let words): (400, words)
        case .noLogGroup(let group): (404, "there is no log group \(group)")
        // The sender tries again.
        case .store: (503, "the events cannot be stored at present")
        }
    }
}
