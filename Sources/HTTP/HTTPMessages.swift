/// A request as it came in.
public struct HTTPRequest: Sendable {
    public var method: String
    /// The path and the query as they were sent, their `%` escapes kept.
    public var target: String
    /// Names in lower case; several of one name are joined with commas.
    public var headers: [String: String]
    public var body: [UInt8]
    /// The address of the other side.
    public var peer: String

    public init(
        method: String, target: String, headers: [String: String] = [:], body: [UInt8] = [], peer: String = ""
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peer = peer
    }

    public var path: String { String(target.prefix { $0 != "?" }) }
    /// What follows the question mark; empty when there is none.
    public var query: String { String(target.drop { $0 != "?" }.dropFirst()) }
}

public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A text for people.
    public init(status: Int, text: String, type: String = "text/plain; charset=utf-8") {
        self.init(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }
}

/// `%41` and `+` resolved, as forms and queries are written.
public func decodeForm(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var place = 0
    while place < source.count {
        if source[place] == UInt8(ascii: "%"), place + 2 < source.count,
            let byte = UInt8(String(decoding: source[place + 1...place + 2], as: UTF8.self), radix: 16)
        {
            bytes.append(byte)
            place += 3
        } else {
            bytes.append(source[place] == UInt8(ascii: "+") ? 0x20 : source[place])
            place += 1
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// The names and values of a form or a query, in their order.
public func formParameters(_ text: some StringProtocol) -> [(name: String, value: String)] {
    text.split(separator: "&").map { part in
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (decodeForm(pair[0]), pair.count > 1 ? decodeForm(pair[1]) : "")
    }
}

/// Everything but letters, digits and `-_.~` as `%41` (RFC 3986).
public func percentEncoded(_ text: some StringProtocol, keeping kept: String = "") -> String {
    var encoded = ""
    for byte in text.utf8 {
        let character = Character(Unicode.Scalar(byte))
        if byte < 0x80,
            character.isLetter || character.isNumber || "-_.~".contains(character) || kept.contains(character)
        {
            encoded.append(character)
        } else {
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += "%" + (digits.count < 2 ? "0" : "") + digits
        }
    }
    return encoded
}
