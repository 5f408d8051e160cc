public import HTTP
public import WireValues

/// The protocols of AWS that services speak here.
public enum WireProtocol: Hashable, Sendable {
    /// AWS JSON, `1.0` or `1.1`.
    case json(version: String)
    case query
    /// Smithy RPC v2.
    case cbor
}

/// A request whose service and operation are known.
public struct WireCall<Context>: Sendable {
    public let service: Service<Context>
    public let operationName: String
    public let wireProtocol: WireProtocol
    public let input: WireValue
    /// Whether the client wants the codes of Query in errors.
    let wantsQueryCodes: Bool

    public var operation: Operation<Context>? { service.operations[operationName] }
    public var reader: WireReader { WireReader(input, invalid: service.invalid) }
}

extension WireCall {
    /// Finds out what is called: by the path (CBOR), by `X-Amz-Target` (JSON), or by `Action` (Query). Nil when the
    /// request is no call of an API.
    ///
    /// - Parameter signingName: the service that the signature names, if there is one.
    public init?(_ request: HTTPRequest, services: [Service<Context>], signingName: String?) throws(AWSFault) {
        let headers = request.headers
        wantsQueryCodes = headers["x-amzn-query-mode"] == "true"
        let path = request.path.split(separator: "/").map(String.init)
        if path.count == 4, path[0] == "service", path[2] == "operation" {
            guard let service = services.first(where: { $0.cborName == path[1] }) else {
                throw AWSFault("UnknownOperationException", "There is no service \(path[1]) here.")
            }
            self.service = service
            operationName = path[3]
            wireProtocol = .cbor
            guard request.body.isEmpty || headers["content-type"]?.hasPrefix("application/cbor") == true,
                let input = request.body.isEmpty ? .empty : CBORWire.parse(request.body)
            else { throw .serialization("the body is not CBOR") }
            self.input = input
        } else if let target = headers["x-amz-target"] {
            let parts = target.split(separator: ".").map(String.init)
            // Some clients send the whole name of the service's interface, others the last part of it.
            let named = services.first { service in
                service.targetPrefix?.split(separator: ".").last.map(String.init) == parts.dropLast().last
            }
            guard let service = named, let name = parts.last else {
                throw AWSFault("UnknownOperationException", "There is no operation \(target) here.")
            }
            self.service = service
            operationName = name
            let isOlder = headers["content-type"]?.hasPrefix("application/x-amz-json-1.0") == true
            wireProtocol = .json(version: isOlder ? "1.0" : "1.1")
            guard let input = request.body.isEmpty ? .empty : JSONWire.parse(request.body), case .structure = input
            else { throw .serialization("the body is not a JSON object") }
            self.input = input
        } else {
            let isForm = headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true
            guard isForm || request.method == "GET" else { return nil }
            var parameters = formParameters(request.query)
            if isForm { parameters += formParameters(String(decoding: request.body, as: UTF8.self)) }
            func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
            guard let action = parameter("Action") else {
                if request.method == "GET" { return nil }
                throw AWSFault("MissingAction", "The request must name an Action.")
            }
            let version = parameter("Version")
            let candidates = services.filter { $0.queryVersion != nil }
            guard
                let service = candidates.first(where: { $0.signingName == signingName })
                    ?? candidates.first(where: { $0.queryVersion == version })
                    ?? candidates.first(where: { $0.operations[action] != nil })
            else { throw AWSFault("InvalidAction", "Could not find operation \(action) for version \(version ?? "")") }
            self.service = service
            operationName = action
            wireProtocol = .query
            let own: Set = ["Action", "Version"]
            input = QueryWire.parse(
                parameters.filter { !own.contains($0.name) && !$0.name.hasPrefix("X-Amz-") })
        }
    }

    /// The fault for an operation that the service does not have.
    public var unknownOperation: AWSFault {
        wireProtocol == .query
            ? AWSFault(
                "InvalidAction", "Could not find operation \(operationName) for version \(service.queryVersion ?? "")")
            : AWSFault("UnknownOperationException", "There is no operation \(operationName) here.")
    }

    // MARK: Answers

    /// - Parameter output: nil for an operation that has none.
    public func response(_ output: WireValue?, requestID: String) -> HTTPResponse {
        switch wireProtocol {
        case .json:
            let body =
                output.map { Array(JSONWire.text($0).utf8) } ?? (service.isQueryCompatible ? Array("{}".utf8) : [])
            return respond(200, body, requestID)
        case .cbor: return respond(200, CBORWire.bytes(output ?? .empty), requestID)
        case .query:
            let text = QueryWire.response(operationName, output, namespace: service.namespace, requestID: requestID)
            return respond(200, Array(text.utf8), requestID)
        }
    }

    public func response(_ fault: AWSFault, requestID: String) -> HTTPResponse {
        if wireProtocol == .query {
            let text = QueryWire.response(fault, namespace: service.namespace, requestID: requestID)
            return respond(fault.status, Array(text.utf8), requestID)
        }
        let isOwn = !fault.type.contains("#")
        let type = isOwn ? service.shapePrefix + fault.type : fault.type
        let content: WireValue = ["__type": .string(type), "message": WireValue(fault.message)]
        let body = wireProtocol == .cbor ? CBORWire.bytes(content) : Array(JSONWire.text(content).utf8)
        var response = respond(fault.status, body, requestID)
        if service.isQueryCompatible, wantsQueryCodes {
            response.headers.append(
                ("x-amzn-query-error", "\(fault.queryCode);\(fault.isReceiver ? "Receiver" : "Sender")"))
        }
        return response
    }

    /// The answer to a request of which not even the service is known.
    public static func response(toUnknown fault: AWSFault, requestID: String) -> HTTPResponse {
        let content: WireValue = ["__type": .string(fault.type), "message": WireValue(fault.message)]
        return HTTPResponse(
            status: fault.status,
            headers: [("x-amzn-RequestId", requestID), ("Content-Type", "application/x-amz-json-1.1")],
            body: Array(JSONWire.text(content).utf8))
    }

    private func respond(_ status: Int, _ body: [UInt8], _ requestID: String) -> HTTPResponse {
        var headers = [(name: "x-amzn-RequestId", value: requestID)]
        switch wireProtocol {
        case .json(let version): headers.append(("Content-Type", "application/x-amz-json-\(version)"))
        case .query: headers.append(("Content-Type", "text/xml"))
        case .cbor:
            headers.append(("Content-Type", "application/cbor"))
            headers.append(("smithy-protocol", "rpc-v2-cbor"))
        }
        return HTTPResponse(status: status, headers: headers, body: body)
    }
}
