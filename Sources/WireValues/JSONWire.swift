internal import AWSCore
internal import JSONText

/// JSON to values and back, as AWS JSON 1.0 and 1.1 have them.
public enum JSONWire {
    /// Deeper nesting than any API has is refused.
    private static let deepest = 200

    /// The value of a text; nil when it is no JSON.
    public static func parse(_ bytes: [UInt8]) -> WireValue? {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < buffer.count, isBlank(buffer[start]) { start += 1 }
            var validator = JSONValidator()
            guard case .complete(let end) = validator.read(buffer, from: start),
                buffer[end...].allSatisfy(isBlank)
            else { return nil }
            let text = IndexedText(capacity: buffer.count + 64)
            text.replace(with: buffer)
            var place = start
            return value(text.view(), &place, depth: 0)
        }
    }

    public static func parse(_ text: String) -> WireValue? { parse(Array(text.utf8)) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func value(_ view: JSONView, _ place: inout Int, depth: Int) -> WireValue? {
        guard depth < deepest else { return nil }
        place = view.skipBlanks(place)
        switch view.bytes[place] {
        case UInt8(ascii: "\""): return .string(string(view, &place))
        case UInt8(ascii: "{"):
            var members: [WireMember] = []
            place = view.skipBlanks(place + 1)
            while view.bytes[place] != UInt8(ascii: "}") {
                if view.bytes[place] == UInt8(ascii: ",") { place = view.skipBlanks(place + 1) }
                let name = string(view, &place)
                place = view.skipBlanks(place) + 1
                guard let member = value(view, &place, depth: depth + 1) else { return nil }
                members.append(WireMember(name, member))
                place = view.skipBlanks(place)
            }
            place += 1
            return .structure(members)
        case UInt8(ascii: "["):
            var elements: [WireValue] = []
            place = view.skipBlanks(place + 1)
            while view.bytes[place] != UInt8(ascii: "]") {
                if view.bytes[place] == UInt8(ascii: ",") { place += 1 }
                guard let element = value(view, &place, depth: depth + 1) else { return nil }
                elements.append(element)
                place = view.skipBlanks(place)
            }
            place += 1
            return .list(elements)
        default: return scalar(view, &place)
        }
    }

    private static func scalar(_ view: JSONView, _ place: inout Int) -> WireValue {
        let end = view.endOfScalar(at: place)
        let text = String(decoding: UnsafeBufferPointer(start: view.bytes + place, count: end - place), as: UTF8.self)
        place = end
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: return Int64(text).map(WireValue.integer) ?? .number(Double(text) ?? .nan)
        }
    }

    private static func string(_ view: JSONView, _ place: inout Int) -> String {
        let start = place + 1
        let end = view.quote(from: start)
        place = end + 1
        let source = UnsafeRawBufferPointer(start: view.bytes + start, count: end - start)
        guard view.hasBackslash(start, end) else { return String(decoding: source, as: UTF8.self) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: end - start + 8) { room in
            guard let target = room.baseAddress else { return "" }
            let count = JSONString.decode(source, into: target)
            return String(decoding: UnsafeBufferPointer(start: target, count: count), as: UTF8.self)
        }
    }

    // MARK: Writing

    /// The value on one line.
    public static func text(_ value: WireValue) -> String {
        var text = ""
        write(value, to: &text)
        return text
    }

    private static func write(_ value: WireValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): write(string: value, to: &text)
        case .blob(let bytes): text += "\"" + Base64.encode(bytes) + "\""
        case .timestamp(let time):
            // Seconds, with a fraction where there is one.
            let rest = Int(time.milliseconds - time.seconds * 1000)
            text += String(time.seconds) + (rest == 0 ? "" : "." + padded(rest, 3))
        case .list(let elements):
            text += "["
            for (i, element) in elements.enumerated() {
                if i > 0 { text += "," }
                write(element, to: &text)
            }
            text += "]"
        case .structure(let members), .map(let members):
            text += "{"
            var isFirst = true
            for member in members where member.value != .null {
                if !isFirst { text += "," }
                isFirst = false
                write(string: member.name, to: &text)
                text += ":"
                write(member.value, to: &text)
            }
            text += "}"
        }
    }

    private static func write(string: String, to text: inout String) {
        text += "\""
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += string
        } else {
            JSONString.escape(string, into: &text)
        }
        text += "\""
    }
}
