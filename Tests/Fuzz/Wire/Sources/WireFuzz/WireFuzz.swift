// The fuzzer's entry for everything that reads bytes of strangers. The first byte says which parser the rest is for.

import AWSCore
import AWSWire
import Alarms
import HTTP
import Metrics
import Notifications
import WireValues

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
    let text = String(decoding: bytes, as: UTF8.self)
    switch data[0] % 10 {
    case 0:
        guard let value = JSONWire.parse(bytes) else { return 0 }
        let written = JSONWire.text(value)
        precondition(JSONWire.parse(written).map(JSONWire.text) == written, "JSON that is written reads otherwise")
    case 1:
        guard let value = CBORWire.parse(bytes) else { return 0 }
        let written = CBORWire.bytes(value)
        precondition(CBORWire.parse(written).map(CBORWire.bytes) == written, "CBOR that is written reads otherwise")
    case 2: _ = QueryWire.parse(formParameters(text))
    case 3: _ = Gzip.inflate(bytes, limit: 1 << 20)
    case 4: sign(text, bytes)
    case 5: _ = ChunkedBody(bytes)?.bytes
    case 6:
        for scope in [FilterPolicy.Scope.attributes, .body] {
            guard let policy = try? FilterPolicy(text, scope: scope) else { continue }
            _ = policy.admits(message: text, attributes: ["a": Delivery.Attribute(type: "Number", value: "1")])
        }
    case 7: _ = (try? AlarmRule(text))?.holds { _ in .alarm }
    case 8: _ = try? MetricExpression(text)
    default:
        _ = Timestamp(text)
        _ = ARN(text)
        _ = IPAddress(text)
        _ = RetryPolicy(JSONWire.parse(text) ?? .null)
    }
    return 0
}

/// A request whose headers and query are the text's lines.
private func sign(_ text: String, _ body: [UInt8]) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let headers = [
        "authorization": lines[0], "x-amz-date": lines.count > 1 ? lines[1] : "20261121T020014Z",
        "x-amz-content-sha256": lines.count > 2 ? lines[2] : ChunkedBody.contentHash,
    ]
    let target = lines.count > 3 ? lines[3] : "/"
    for request in [
        HTTPRequest(method: "POST", target: target, headers: headers, body: body, peer: ""),
        HTTPRequest(method: "GET", target: target, headers: [:], body: [], peer: ""),
    ] {
        guard let signature = (try? Signature(request)) ?? nil else { continue }
        try? signature.verify(request, secret: "secret", at: Timestamp(seconds: 1_795_226_414))
    }
}
