// A load on the service: sends the same PutLogEvents body over and over on a number of connections, each a thread of its
// own, and prints how many calls were answered in how much time, with the worst latencies.
//
//   Load PORT BODY-FILE CONNECTIONS SECONDS

import Foundation

let words = CommandLine.arguments
guard words.count == 5, let port = UInt16(words[1]), let connections = Int(words[3]), let seconds = Double(words[4]),
    let body = FileManager.default.contents(atPath: words[2])
else {
    print("usage: Load PORT BODY-FILE CONNECTIONS SECONDS")
    exit(2)
}

let head =
    "POST / HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/x-amz-json-1.1\r\n"
    + "X-Amz-Target: Logs_20140328.PutLogEvents\r\nX-Amz-Date: 20260101T000000Z\r\n"
    + "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, "
    + "Signature=x\r\nContent-Length: \(body.count)\r\n\r\n"
let request = Array(head.utf8) + Array(body)
let end = Date().addingTimeInterval(seconds)
let lock = NSLock()
nonisolated(unsafe) var latencies: [Double] = []
nonisolated(unsafe) var failures = 0

@Sendable func connect() -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    return status == 0 ? descriptor : -1
}

/// Sends one request and reads its answer; false when that failed.
@Sendable func call(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Bool {
    var sent = 0
    while sent < request.count {
        let count = request.withUnsafeBytes {
            send(descriptor, $0.baseAddress.map { $0 + sent }, request.count - sent, 0)
        }
        guard count > 0 else { return false }
        sent += count
    }
    var got = 0
    while true {
        let count = recv(descriptor, &buffer[got], buffer.count - got, 0)
        guard count > 0 else { return false }
        got += count
        let text = String(decoding: buffer[..<got], as: UTF8.self)
        guard let headEnd = text.range(of: "\r\n\r\n") else { continue }
        let length =
            text[..<headEnd.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
        if text.utf8.distance(from: headEnd.upperBound, to: text.endIndex) >= length { return text.contains(" 200 ") }
    }
}

let group = DispatchGroup()
for _ in 0..<connections {
    group.enter()
    Thread {
        var own: [Double] = []
        var failed = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        let descriptor = connect()
        while descriptor >= 0, Date() < end {
            let start = Date()
            if !call(descriptor, &buffer) {
                failed += 1
                break
            }
            own.append(Date().timeIntervalSince(start))
        }
        if descriptor >= 0 { close(descriptor) } else { failed += 1 }
        lock.withLock {
            latencies += own
            failures += failed
        }
        group.leave()
    }.start()
}
group.wait()
latencies.sort()
let p99 = latencies.isEmpty ? 0 : latencies[latencies.count * 99 / 100]
print("{\"calls\":\(latencies.count),\"seconds\":\(seconds),\"p99ms\":\(p99 * 1000),\"failures\":\(failures)}")
