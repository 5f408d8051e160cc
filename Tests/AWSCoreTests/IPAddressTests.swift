import AWSCore
import Testing

@Suite struct `An address` {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
    ])
    func `of this machine or network is no public one`(text: String) throws {
        #expect(try #require(IPAddress(text)).isLocal)
    }

    @Test(arguments: [
        "8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::",
    ])
    func `of the internet is a public one`(text: String) throws {
        #expect(try !#require(IPAddress(text)).isLocal)
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.+4", ":::", "1:2", "12345::", "::1::", "g::1"])
    func `that is malformed is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}

@Suite struct `An ARN` {
    @Test func `has six parts, the last of which may hold colons`() throws {
        let arn = try #require(ARN("arn:aws:logs:eu-west-1:123456789012:log-group:a:*"))
        #expect(arn.service == "logs" && arn.region == "eu-west-1" && arn.resource == "log-group:a:*")
        #expect(ARN("arn:aws:sns:eu-west-1:1") == nil && ARN("") == nil)
        #expect(Scope(account: "1", region: "r").arn("sns", "t") == "arn:aws:sns:r:1:t")
    }
}

@Suite struct `Base64 text` {
    @Test func `is read as it is written`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
        #expect(Base64.decode("a*b") == nil)
    }
}
