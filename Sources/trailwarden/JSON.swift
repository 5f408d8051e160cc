internal import JSONText

/// A JSON value to be written, its members in the order in which they were given.
enum JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])
    /// JSON text, as it is.
    case raw(String)

    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }

    init(_ text: String?) { self = text.map(JSON.string) ?? .null }

    /// On one line, or over several with each level set in by two blanks.
    func text(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, indent: pretty ? "\n" : nil)
        return text
    }

    private func write(to text: inout String, indent: String?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .number(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): Self.write(value, to: &text)
        case .raw(let json): text += json
        case .array(let elements):
            let inner = indent.map { $0 + "  " }
            text += "["
            for (i, element) in elements.enumerated() {
                if i > 0 { text += "," }
                text += inner ?? ""
                element.write(to: &text, indent: inner)
            }
            if let indent, !elements.isEmpty { text += indent }
            text += "]"
        case .object(let members):
            let inner = indent.map { $0 + "  " }
            text += "{"
            for (i, (key, value)) in members.enumerated() {
                if i > 0 { text += "," }
                text += inner ?? ""
                Self.write(key, to: &text)
                text += indent == nil ? ":" : ": "
                value.write(to: &text, indent: inner)
            }
            if let indent, !members.isEmpty { text += indent }
            text += "}"
        }
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        JSONString.escape(value, into: &text)
        text += "\""
    }
}
