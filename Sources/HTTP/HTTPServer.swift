internal import CMicroHTTPD
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Serves HTTP/1.1, with TLS if it has a certificate (libmicrohttpd).
///
/// Each connection has a thread of its own, so a handler may block, until a commit is on disk for instance.
public final class HTTPServer: @unchecked Sendable {
    public struct Options: Sendable {
        public var host = "127.0.0.1"
        /// 0 takes any free port.
        public var port = 0
        public var connectionLimit = 1000
        /// Seconds after which a connection that stands still is closed.
        public var timeout = 60
        public var maximumBody = 8 << 20
        public var maximumHeader = 64 << 10
        /// PEM, both or none.
        public var certificate: String?
        public var key: String?

        public init() {}
    }

    public struct StartError: Error, CustomStringConvertible {
        public var description: String
    }

    public typealias Responder = @Sendable (HTTPRequest) -> HTTPResponse

    private let respond: Responder
    private let maximumBody: Int
    private var daemon: OpaquePointer?
    /// The requests that are being answered.
    private let open = DispatchGroup()
    private let connections = DispatchGroup()
    private let isClosing = Atomic<Bool>(false)
    public private(set) var port = 0

    /// Starts to listen.
    public init(_ options: Options, _ respond: @escaping Responder) throws(StartError) {
        self.respond = respond
        maximumBody = options.maximumBody
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let host = options.host.isEmpty ? nil : options.host
        guard getaddrinfo(host, String(options.port), &hints, &found) == 0, let address = found else {
            throw StartError(description: "there is no address for \(options.host):\(options.port)")
        }
        defer { freeaddrinfo(address) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        func start(_ certificate: UnsafePointer<CChar>?, _ key: UnsafePointer<CChar>?) -> OpaquePointer? {
            tw_httpd_start(
                tw_httpd_options(
                    address: address.pointee.ai_addr, connection_limit: UInt32(options.connectionLimit),
                    timeout: UInt32(options.timeout), memory_limit: options.maximumHeader, certificate: certificate,
                    key: key),
                { HTTPServer.handle($0, $1, $2, $3, $5, $6, $7) },
                { context, _, request, _ in HTTPServer.complete(context, request) },
                { context, _, _, event in HTTPServer.connection(context, event) }, context)
        }
        if let certificate = options.certificate, let key = options.key {
            daemon = certificate.withCString { certificate in key.withCString { start(certificate, $0) } }
        } else {
            daemon = start(nil, nil)
        }
        guard let daemon else {
            throw StartError(
                description: "cannot listen on \(options.host):\(options.port): \(String(cString: strerror(errno)))")
        }
        port = Int(tw_httpd_port(daemon))
    }

    /// Takes no more connections, answers what comes on those that are open and closes each of them with its answer,
    /// and stops when none is left: after `idle` seconds those that have nothing to ask are closed too, after `longest`
    /// seconds all.
    public func stop(idle: Int = 1, longest: Int = 10) {
        guard let daemon else { return }
        isClosing.store(true, ordering: .releasing)
        let socket = MHD_quiesce_daemon(daemon)
        if socket >= 0 {
            // Those that the system has connected already are clients like the others.
            tw_httpd_accept_waiting(daemon, socket)
            close(socket)
        }
        _ = connections.wait(timeout: .now() + .seconds(idle))
        _ = open.wait(timeout: .now() + .seconds(longest))
        MHD_stop_daemon(daemon)
        self.daemon = nil
    }

    // MARK: Requests

    /// A request on its way in.
    private final class Incoming {
        var body: [UInt8] = []
        var isTooLarge = false
    }

    private static func handle(
        _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
        _ method: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>?,
        _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> MHD_Result {
        guard let context, let connection, let url, let method, let size, let state else { return .NO }
        let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
        guard let known = state.pointee else {
            let incoming = Incoming()
            let length = header(connection, "content-length").flatMap { Int($0) } ?? 0
            incoming.isTooLarge = length > server.maximumBody
            if !incoming.isTooLarge { incoming.body.reserveCapacity(length) }
            state.pointee = Unmanaged.passRetained(incoming).toOpaque()
            server.open.enter()
            return .YES
        }
        let incoming = Unmanaged<Incoming>.fromOpaque(known).takeUnretainedValue()
        if size.pointee > 0 {
            if incoming.body.count + size.pointee > server.maximumBody { incoming.isTooLarge = true }
            if !incoming.isTooLarge {
                incoming.body.append(
                    contentsOf: UnsafeRawBufferPointer(start: UnsafeRawPointer(bytes), count: size.pointee))
            }
            size.pointee = 0
            return .YES
        }
        if incoming.isTooLarge {
            let response = HTTPResponse(status: 413, text: "the body has more than \(server.maximumBody) bytes\n")
            return send(response, to: connection)
        }
        var target = String(cString: url)
        let query = Self.query(connection)
        if !query.isEmpty { target += "?" + query }
        var peer = [CChar](repeating: 0, count: 64)
        tw_httpd_peer(connection, &peer, peer.count)
        let request = HTTPRequest(
            method: String(cString: method), target: target, headers: headers(connection), body: incoming.body,
            peer: String(decoding: peer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        var response = server.respond(request)
        if server.isClosing.load(ordering: .acquiring) { response.headers.append(("Connection", "close")) }
        return send(response, to: connection)
    }

    private static func connection(_ context: UnsafeMutableRawPointer?, _ event: MHD_ConnectionNotificationCode) {
        guard let context else { return }
        let group = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().connections
        if event == .CONNECTION_NOTIFY_STARTED { group.enter() } else { group.leave() }
    }

    private static func complete(
        _ context: UnsafeMutableRawPointer?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) {
        guard let context, let known = state?.pointee else { return }
        Unmanaged<Incoming>.fromOpaque(known).release()
        state?.pointee = nil
        Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().open.leave()
    }

    private static func header(_ connection: OpaquePointer, _ name: String) -> String? {
        MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
    }

    private final class Collected {
        var pairs: [(name: String, value: String?)] = []
    }

    private static func collect(_ connection: OpaquePointer, _ kind: MHD_ValueKind) -> [(name: String, value: String?)]
    {
        let collected = Collected()
        MHD_get_connection_values(
            connection, kind,
            { context, _, name, value in
                if let context, let name {
                    let collected = Unmanaged<Collected>.fromOpaque(context).takeUnretainedValue()
                    collected.pairs.append((String(cString: name), value.map { String(cString: $0) }))
                }
                return .YES
            }, Unmanaged.passUnretained(collected).toOpaque())
        return collected.pairs
    }

    private static func headers(_ connection: OpaquePointer) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, value) in collect(connection, .HEADER_KIND) {
            headers[name.lowercased(), default: ""] += (headers[name.lowercased()] == nil ? "" : ",") + (value ?? "")
        }
        return headers
    }

    private static func query(_ connection: OpaquePointer) -> String {
        collect(connection, .GET_ARGUMENT_KIND).map { pair in pair.value.map { "\(pair.name)=\($0)" } ?? pair.name }
            .joined(separator: "&")
    }

    private static func send(_ response: HTTPResponse, to connection: OpaquePointer) -> MHD_Result {
        let message = response.body.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        for (name, value) in response.headers { MHD_add_response_header(message, name, value) }
        let result = MHD_queue_response(connection, UInt32(response.status), message)
        MHD_destroy_response(message)
        return result
    }
}
