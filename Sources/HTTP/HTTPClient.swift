internal import CCurl
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Sends requests and mails (libcurl), each on the caller's thread.
public struct HTTPClient: Sendable {
    /// Whether to connect to an address, given as bytes of the network: asked for every connection, those after a
    /// redirect included, so that neither a name nor a server can lead where the endpoint may not.
    public typealias Gate = @Sendable (_ address: [UInt8]) -> Bool

    public struct TransferError: Error, Hashable, Sendable {
        public var description: String
    }

    /// What came back.
    public struct Answer: Sendable {
        public var status: Int
        /// By their names in lower case; of several of one name the last.
        public var headers: [String: String]
        /// Its begin, where it is longer than the client reads.
        public var body: [UInt8]
    }

    private let admits: Gate
    private let timeout: Int
    private let largestAnswer: Int
    private let usesProxies: Bool
    /// Handles with their open connections; nil when every transfer makes its own.
    private let handles: Handles?

    /// - Parameters:
    ///   - timeout: of a whole transfer, in seconds.
    ///   - largestAnswer: the most bytes of an answer that are read.
    ///   - usesProxies: whether the proxies of the environment are taken. They make the check of addresses void.
    ///   - keepsConnections: whether connections serve several transfers.
    public init(
        timeout: Int = 15, largestAnswer: Int = 64 * 1024, usesProxies: Bool = false, keepsConnections: Bool = false,
        admits: @escaping Gate
    ) {
        handles = keepsConnections ? Handles() : nil
        self.timeout = timeout
        self.largestAnswer = largestAnswer
        self.usesProxies = usesProxies
        self.admits = admits
        Self.prepare()
    }

    private static let prepared = Mutex(false)

    private static func prepare() {
        prepared.withLock { isDone in
            if !isDone { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }
            isDone = true
        }
    }

    /// Handles that are not in use.
    private final class Handles: Sendable {
        private struct Handle: @unchecked Sendable {
            // Invariant: used by the one who took it out, and by nobody while it is in here.
            let raw: UnsafeMutableRawPointer
        }

        private let idle = Mutex<[Handle]>([])

        func take() -> UnsafeMutableRawPointer? { idle.withLock { $0.popLast() }?.raw ?? curl_easy_init() }

        func put(back raw: UnsafeMutableRawPointer) {
            // Forgets all settings, and keeps the connections.
            curl_easy_reset(raw)
            let handle = Handle(raw: raw)
            idle.withLock { $0.append(handle) }
        }

        deinit { idle.withLock { for handle in $0 { curl_easy_cleanup(handle.raw) } } }
    }

    /// What a transfer needs while it runs.
    private final class Transfer {
        let admits: Gate
        var isRefused = false
        var headers: [String: String] = [:]
        var answer: [UInt8] = []
        var upload: [UInt8]
        var sent = 0
        let largestAnswer: Int

        init(_ client: HTTPClient, upload: [UInt8] = []) {
            admits = client.admits
            largestAnswer = client.largestAnswer
            self.upload = upload
        }

        func note(header line: String) {
            // Those of an answer that led elsewhere are not those of the last.
            if line.hasPrefix("HTTP/") { headers = [:] }
            guard let colon = line.firstIndex(of: ":") else { return }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value.prefix { !$0.isNewline })
        }
    }

    /// Sends a request, and gives the status and the begin of the answer.
    public func send(
        _ method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8] = []
    ) throws(TransferError) -> Answer {
        let transfer = Transfer(self)
        return try run(transfer) { handle, lists in
            tw_curl_set_string(handle, CURLOPT_URL, url)
            tw_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
            tw_curl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
            tw_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
            tw_curl_set_long(handle, CURLOPT_MAXREDIRS, 5)
            tw_curl_set_long(handle, CURLOPT_POSTREDIR, 7)
            var list: UnsafeMutablePointer<curl_slist>?
            for (name, value) in headers { list = curl_slist_append(list, "\(name): \(value)") }
            // No wait for a go-ahead before the body.
            list = curl_slist_append(list, "Expect:")
            lists.append(list)
            tw_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
            if method == "GET" { return }
            // A post may become a get by a redirect.
            if method != "POST" { tw_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method) }
            tw_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            body.withUnsafeBytes { _ = tw_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
    }

    /// Hands a mail to a server.
    ///
    /// - Parameters:
    ///   - server: `smtp://host:25` or `smtps://user:password@host:465`.
    ///   - text: with its header, lines ended by CR LF.
    public func mail(
        _ server: String, from sender: String, to recipient: String, text: [UInt8]
    ) throws(TransferError) {
        let transfer = Transfer(self, upload: text)
        _ = try run(transfer) { handle, lists in
            tw_curl_set_string(handle, CURLOPT_URL, server)
            tw_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
            tw_curl_set_long(handle, CURLOPT_USE_SSL, server.contains("@") ? 3 : 1)
            tw_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(sender)>")
            let list = curl_slist_append(nil, "<\(recipient)>")
            lists.append(list)
            tw_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, list)
            tw_curl_set_long(handle, CURLOPT_UPLOAD, 1)
            tw_curl_on_upload(
                handle,
                { bytes, size, count, context in
                    guard let bytes, let context else { return 0 }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    let part = transfer.upload[transfer.sent...].prefix(size * count)
                    part.withUnsafeBytes {
                        UnsafeMutableRawPointer(bytes).copyMemory(
                            from: $0.baseAddress ?? UnsafeRawPointer(bytes), byteCount: $0.count)
                    }
                    transfer.sent += part.count
                    return part.count
                }, Unmanaged.passUnretained(transfer).toOpaque())
        }
    }

    private func run(
        _ transfer: Transfer, _ prepare: (UnsafeMutableRawPointer, inout [UnsafeMutablePointer<curl_slist>?]) -> Void
    ) throws(TransferError) -> Answer {
        guard let raw = handles?.take() ?? curl_easy_init() else {
            throw TransferError(description: "out of memory")
        }
        defer { if let handles { handles.put(back: raw) } else { curl_easy_cleanup(raw) } }
        var lists: [UnsafeMutablePointer<curl_slist>?] = []
        defer { for list in lists { curl_slist_free_all(list) } }
        var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        return try withExtendedLifetime(transfer) { () throws(TransferError) in
            let context = Unmanaged.passUnretained(transfer).toOpaque()
            tw_curl_set_long(raw, CURLOPT_NOSIGNAL, 1)
            tw_curl_set_long(raw, CURLOPT_TIMEOUT, timeout)
            tw_curl_set_long(raw, CURLOPT_CONNECTTIMEOUT, min(10, timeout))
            if !usesProxies { tw_curl_set_string(raw, CURLOPT_PROXY, "") }
            tw_curl_on_connect(
                raw,
                { address, context in
                    guard let address, let context else { return 0 }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    let isAdmitted = transfer.admits(HTTPClient.bytes(address))
                    if !isAdmitted { transfer.isRefused = true }
                    return isAdmitted ? 1 : 0
                }, context)
            tw_curl_on_body(
                raw,
                { bytes, size, count, context in
                    guard let bytes, let context else { return 0 }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    if transfer.answer.count < transfer.largestAnswer {
                        transfer.answer += UnsafeRawBufferPointer(start: bytes, count: size * count)
                    }
                    return size * count
                }, context)
            tw_curl_on_header(
                raw,
                { bytes, size, count, context in
                    guard let bytes, let context else { return 0 }
                    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                    transfer.note(header: String(decoding: line, as: UTF8.self))
                    return size * count
                }, context)
            prepare(raw, &lists)
            let code = message.withUnsafeMutableBufferPointer { buffer in
                tw_curl_set_pointer(raw, CURLOPT_ERRORBUFFER, buffer.baseAddress)
                return curl_easy_perform(raw)
            }
            if transfer.isRefused {
                throw TransferError(description: "the endpoint leads to an address that this server may not call")
            }
            guard code == CURLE_OK else {
                let detail = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                throw TransferError(description: detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
            }
            return Answer(
                status: Int(tw_curl_status(raw)), headers: transfer.headers, body: transfer.answer)
        }
    }

    private static func bytes(_ address: UnsafePointer<sockaddr>) -> [UInt8] {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                withUnsafeBytes(of: v4.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                withUnsafeBytes(of: v6.pointee.sin6_addr) { Array($0) }
            }
        default: return []
        }
    }
}
