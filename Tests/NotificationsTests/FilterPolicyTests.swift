import Notifications
import Testing
import WireValues

@Suite struct `A filter policy` {
    private func admits(_ policy: String, _ attributes: [String: (String, String)]) throws -> Bool {
        let attributes = attributes.mapValues { Delivery.Attribute(type: $0.0, value: $0.1) }
        return try FilterPolicy(policy, scope: .attributes).admits(message: "", attributes: attributes)
    }

    @Test(
        arguments: [
            (#"{"a":["x","y"]}"#, "String", "y", true), (#"{"a":["x"]}"#, "String", "X", false),
            (#"{"a":[{"prefix":"ab"}]}"#, "String", "abc", true), (#"{"a":[{"suffix":"bc"}]}"#, "String", "abd", false),
            (#"{"a":[{"anything-but":["x"]}]}"#, "String", "y", true),
            (#"{"a":[{"anything-but":{"prefix":"x"}}]}"#, "String", "xy", false),
            (#"{"a":[{"numeric":[">",1,"<=",5]}]}"#, "Number", "5", true),
            (#"{"a":[{"numeric":["=",5]}]}"#, "Number", "5.0", true), (#"{"a":[5]}"#, "Number", "5", true),
            (#"{"a":[{"exists":false}]}"#, "String", "x", false), (#"{"b":[{"exists":false}]}"#, "String", "x", true),
            (#"{"a":[{"cidr":"10.0.0.0/8"}]}"#, "String", "10.9.8.7", true),
            (#"{"a":[{"cidr":"2001:db8::/32"}]}"#, "String", "2001:db9::1", false),
            (#"{"a":[{"equals-ignore-case":"AbC"}]}"#, "String", "aBc", true),
            (#"{"a":[{"wildcard":"a*c*e"}]}"#, "String", "abcde", true),
            (#"{"a":["q"]}"#, "String.Array", #"["p","q"]"#, true),
            (#"{"$or":[{"a":["x"]},{"b":["x"]}]}"#, "String", "x", true),
        ] as [(String, String, String, Bool)])
    func `on attributes selects messages`(policy: String, type: String, value: String, expected: Bool) throws {
        #expect(try admits(policy, ["a": (type, value)]) == expected)
    }

    @Test func `on the body looks into objects and arrays`() throws {
        let policy = try FilterPolicy(#"{"a":{"b":["x"]},"n":[{"numeric":["<",3]}]}"#, scope: .body)
        #expect(policy.admits(message: #"{"a":[{"b":"y"},{"b":"x"}],"n":2}"#, attributes: [:]))
        #expect(!policy.admits(message: #"{"a":{"b":"x"},"n":3}"#, attributes: [:]))
        #expect(!policy.admits(message: "no JSON", attributes: [:]))
    }

    @Test(
        arguments: [
            (#"{"a":[]}"#, "Empty arrays are not allowed"), (#"{"a":"x"}"#, "must be an object or an array"),
            (#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "Only one key allowed"),
            (#"{"a":[{"foo":1}]}"#, "Unrecognized match type foo"),
            (#"{"a":[{"numeric":[">",5,"<",1]}]}"#, "Bottom must be less than top"),
            (#"{"a":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR"), (#"{"a":{"b":["x"]}}"#, "does not support nested"),
            (#"{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}"#, "more than 5 keys"),
        ])
    func `that is not legal is refused in the words of SNS`(policy: String, words: String) {
        #expect {
            try FilterPolicy(policy, scope: .attributes)
        } throws: {
            ($0 as? FilterPolicy.Fault)?.message.contains(words) == true
        }
    }
}

@Suite struct `A retry policy` {
    @Test func `has three retries twenty seconds apart when none is set`() {
        let policy = RetryPolicy()
        #expect((1...4).map { policy.delay(afterFailures: $0) } == [20, 20, 20, nil])
    }

    @Test func `of mails goes on for more than six hours`() {
        let delays = (1...51).map { RetryPolicy.mail.delay(afterFailures: $0) }
        #expect(delays.prefix(3) == [10, 10, 10] && delays[50] == nil)
        #expect(delays.dropFirst(12).prefix(38).allSatisfy { $0 == 600 })
        let total = delays.compactMap(\.self).reduce(0, +)
        #expect((6 * 3600...8 * 3600).contains(total))
    }

    @Test func `goes through its four phases`() {
        let policy = RetryPolicy(
            JSONWire.parse(
                #"""
                {"minDelayTarget":2,"maxDelayTarget":10,"numRetries":9,"numNoDelayRetries":1,"numMinDelayRetries":2,
                "numMaxDelayRetries":1,"backoffFunction":"linear"}
                """#) ?? .empty)
        #expect((1...10).map { policy.delay(afterFailures: $0) } == [0, 2, 2, 2, 4, 6, 8, 10, 10, nil])
    }
}
