import AWSCore
import AWSWire
import HTTP
import Testing

@Suite struct `A signature` {
    private let posted = HTTPRequest(
        method: "POST", target: "/",
        headers: [
            "content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": "127.0.0.1:5978",
            "x-amz-date": "20261121T020014Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261121/us-east-1/sns/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=8f3dbf2ec51dead3d3ff8d2e8fe2bdc338ef88e62261f501a333366a96a6bd82",
        ], body: Array("Action=CreateTopic&Version=2010-03-31&Name=t1".utf8))
    private let then = Timestamp("2026-11-21T02:00:20Z") ?? Timestamp(seconds: 0)

    private func verify(_ request: HTTPRequest, secret: String = "secretEXAMPLE", at now: Timestamp) throws {
        try #require(try Signature(request)).verify(request, secret: secret, at: now)
    }

    @Test func `that a client made is accepted`() throws {
        let signature = try #require(try Signature(posted))
        #expect(signature.accessKeyID == "AKIAEXAMPLE" && signature.service == "sns" && signature.region == "us-east-1")
        try verify(posted, at: then)
    }

    @Test func `of a presigned request is accepted until it ends`() throws {
        let target =
            "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAEXAMPLE%2F20261121%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261121T021126Z"
            + "&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=f4215443ccb8a666ddfdb65af908971a06a6e56aeb91caee2f73d8c1e1922116"
        let request = HTTPRequest(method: "GET", target: target, headers: ["host": "127.0.0.1:4599"])
        let start = Timestamp("2026-11-21T02:11:26Z") ?? then
        try verify(request, at: start.advanced(bySeconds: 899))
        #expect(throws: Signature.Fault.self) { try verify(request, at: start.advanced(bySeconds: 901)) }
    }

    @Test func `does not cover another request, key or time`() {
        var other = posted
        other.body.append(0x31)
        #expect(throws: Signature.Fault.mismatch) { try verify(other, at: then) }
        other = posted
        other.headers["host"] = "elsewhere"
        #expect(throws: Signature.Fault.mismatch) { try verify(other, at: then) }
        other = posted
        other.headers["x-amz-target"] = "smuggled"
        #expect(throws: Signature.Fault.mismatch) { try verify(other, at: then) }
        #expect(throws: Signature.Fault.mismatch) { try verify(posted, secret: "other", at: then) }
        #expect(throws: Signature.Fault.self) { try verify(posted, at: then.advanced(bySeconds: 16 * 60)) }
        #expect(throws: Signature.Fault.self) { try verify(posted, at: then.advanced(bySeconds: -16 * 60)) }
    }

    @Test func `of our own making is accepted`() throws {
        var request = HTTPRequest(
            method: "POST", target: "/", headers: ["host": "h:1", "x-amz-target": "t", "content-type": "c"], body: [1])
        let headers = Signature.headers(
            for: request, accessKeyID: "AKIA", secret: "s", sessionToken: "token", region: "r", service: "logs",
            at: then)
        for (name, value) in headers { request.headers[name] = value }
        try verify(request, secret: "s", at: then)
    }

    /// The example of the S3 documentation: 66,560 letters in chunks of 65,536, 1,024 and none.
    private func chunked(_ letters: [UInt8], _ signatures: [String]) -> HTTPRequest {
        var body: [UInt8] = []
        for (range, signature) in zip([0..<65_536, 65_536..<66_560, 66_560..<66_560], signatures) {
            body += Array("\(String(range.count, radix: 16));chunk-signature=\(signature)\r\n".utf8) + letters[range]
            body += Array("\r\n".utf8)
        }
        return HTTPRequest(
            method: "PUT", target: "/examplebucket/chunkObject.txt",
            headers: [
                "host": "s3.amazonaws.com", "x-amz-date": "20130524T000000Z",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
                "authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                    + "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                    + "x-amz-decoded-content-length;x-amz-storage-class,"
                    + "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
                "x-amz-content-sha256": ChunkedBody.contentHash, "content-encoding": "aws-chunked",
                "x-amz-decoded-content-length": "66560", "content-length": "66824",
            ], body: body, peer: "")
    }

    @Test func `of a body in chunks covers each of them`() throws {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 66_560)
        let signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        let time = try #require(Timestamp("2013-05-24T00:00:00Z"))
        let request = chunked(letters, signatures)
        try verify(request, secret: secret, at: time)
        #expect(ChunkedBody(request.body)?.bytes == letters)
        var other = letters
        other[65_999] = UInt8(ascii: "b")
        #expect(throws: Signature.Fault.mismatch) { try verify(chunked(other, signatures), secret: secret, at: time) }
        var torn = request
        torn.body.removeLast(90)
        #expect(throws: Signature.Fault.self) { try verify(torn, secret: secret, at: time) }
    }
}
