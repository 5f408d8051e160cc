import AWSCore
import AWSWire
import HTTP
import Testing
import WireValues

@Suite struct `CBOR` {
    private let sample =
        "a3 69 416c61726d4e616d65 64 6e6f7065 6a 537461746556616c7565 65 414c41524d 6b 5374617465526561736f6e 61 78"

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
    }

    @Test func `that a client sent is read`() {
        #expect(
            CBORWire.parse(bytes(sample)) == ["AlarmName": "nope", "StateValue": "ALARM", "StateReason": "x"])
        #expect(CBORWire.parse(bytes("c11a6955b900")) == .timestamp(Timestamp(seconds: 1_767_225_600)))
        #expect(CBORWire.parse(bytes("bf 61 61 9f 01 20 ff 61 62 f93c00 ff")) == ["a": [1, -1], "b": .number(1)])
        #expect(CBORWire.parse(bytes("7f 61 61 61 62 ff")) == "ab")
    }

    @Test func `is read as it is written`() {
        let value: WireValue = [
            "text": "é", "numbers": [0, 23, 24, -25, 65536, .integer(.max), .integer(.min)], "double": .number(0.1),
            "yes": true, "bytes": .blob([1, 2, 255]), "time": .timestamp(Timestamp(milliseconds: 1_767_225_600_250)),
        ]
        #expect(CBORWire.parse(CBORWire.bytes(value)) == value)
    }

    @Test func `that is cut off or malformed is refused`() {
        let whole = bytes(sample)
        for end in 0..<whole.count { #expect(CBORWire.parse(Array(whole.prefix(end))) == nil) }
        for text in [
            "ff", "5f 61 61 ff", "1c", "a1 01 02", "9b ffffffffffffffff", "7b 7fffffffffffffff",
            "c1 fb 7ff0000000000000",
        ] {
            #expect(CBORWire.parse(bytes(text)) == nil, "\(text)")
        }
        #expect(CBORWire.parse([UInt8](repeating: 0x81, count: 100_000)) == nil)
    }

    @Test func `of any bytes gives a value or nothing`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &random)
            if let value = CBORWire.parse((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }) {
                _ = CBORWire.bytes(value)
            }
        }
    }
}

@Suite struct `Query` {
    @Test func `parameters make a tree`() {
        let parameters = formParameters(
            "Action=A&Dimensions.member.2.Name=b&Dimensions.member.1.Name=a+c&Dimensions.member.1.Value=%26"
                + "&Attributes.entry.1.key=k&Attributes.entry.1.value=v&Tags=&MessageAttributes.entry.1.Name=n"
                + "&MessageAttributes.entry.1.Value.StringValue=s")
        let value = QueryWire.parse(parameters)
        #expect(value["Dimensions"] == [["Name": "a c", "Value": "&"], ["Name": "b"]])
        #expect(value["Attributes"] == .map([WireMember("k", "v")]))
        #expect(value["MessageAttributes"]?["n"]?["StringValue"] == "s")
        #expect(value["Tags"] == "")
    }

    @Test func `is turned into the types that are asked for`() throws {
        let reader = WireReader(
            QueryWire.parse(formParameters("N=5&D=1.5&B=true&T=2026-01-01T00:00:00Z&L.member.1=x&E="))
        ) { AWSFault("ValidationError", $0) }
        #expect(try reader.integer("N") == 5 && reader.double("D") == 1.5 && reader.bool("B") == true)
        #expect(try reader.timestamp("T") == Timestamp(seconds: 1_767_225_600))
        #expect(try reader.strings("L") == ["x"] && reader.strings("E") == [])
        #expect {
            try reader.integer("N", 6...9)
        } throws: {
            ($0 as? AWSFault)?.message
                == "1 validation error detected: Value '5' at 'n' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 6"
        }
    }
}

@Suite struct `JSON on the wire` {
    @Test func `is read as it is written`() {
        let text = #"{"a":[1,-2.5,"é\"\\\n\u0001",true,{}],"b":{"c":9223372036854775807}}"#
        #expect(JSONWire.parse(text).map { JSONWire.text($0) } == text)
        #expect(JSONWire.parse("{\"a\":null,\"b\":1}").map { JSONWire.text($0) } == "{\"b\":1}")
    }

    @Test(arguments: ["", "{", "{\"a\":}", "[1,]", "nul", "{} {}", "\"\\x\"", "{\"a\" 1}"])
    func `that is malformed is refused`(text: String) {
        #expect(JSONWire.parse(text) == nil)
    }

    @Test func `that is nested too deep is refused`() {
        #expect(JSONWire.parse(String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)) == nil)
    }
}
