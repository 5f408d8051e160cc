/// A JSON value, read by the book (RFC 8259) and slowly. Of members with one key the last counts.
public indirect enum ReferenceJSON {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([ReferenceJSON])
    case object([(String, ReferenceJSON)])

    /// Nil when the text is no JSON value with white space around it at most.
    public static func parse(_ text: String) -> ReferenceJSON? {
        var reader = Reader(text: Array(text.unicodeScalars))
        reader.skipBlanks()
        guard let value = reader.value() else { return nil }
        reader.skipBlanks()
        return reader.place == reader.text.count ? value : nil
    }

    private struct Reader {
        let text: [Unicode.Scalar]
        var place = 0

        var current: Unicode.Scalar? { place < text.count ? text[place] : nil }

        mutating func skipBlanks() {
            while let scalar = current, [" ", "\t", "\n", "\r"].contains(scalar) { place += 1 }
        }

        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard current == scalar else { return false }
            place += 1
            return true
        }

        mutating func take(_ word: String) -> Bool {
            guard text[place...].starts(with: word.unicodeScalars) else { return false }
            place += word.unicodeScalars.count
            return true
        }

        mutating func value() -> ReferenceJSON? {
            switch current {
            case "{": return object()
            case "[": return array()
            case "\"": return string().map { .string($0) }
            case "t": return take("true") ? .bool(true) : nil
            case "f": return take("false") ? .bool(false) : nil
            case "n": return take("null") ? .null : nil
            default: return number().map { .number($0) }
            }
        }

        mutating func object() -> ReferenceJSON? {
            place += 1
            var members: [(String, ReferenceJSON)] = []
            skipBlanks()
            if take("}") { return .object([]) }
            while true {
                skipBlanks()
                guard current == "\"", let key = string() else { return nil }
                skipBlanks()
                guard take(":") else { return nil }
                skipBlanks()
                guard let value = value() else { return nil }
                members.removeAll { $0.0.unicodeScalars.elementsEqual(key.unicodeScalars) }
                members.append((key, value))
                skipBlanks()
                if take("}") { return .object(members) }
                guard take(",") else { return nil }
            }
        }

        mutating func array() -> ReferenceJSON? {
            place += 1
            var elements: [ReferenceJSON] = []
            skipBlanks()
            if take("]") { return .array([]) }
            while true {
                skipBlanks()
                guard let value = value() else { return nil }
                elements.append(value)
                skipBlanks()
                if take("]") { return .array(elements) }
                guard take(",") else { return nil }
            }
        }

        mutating func hexUnit() -> UInt32? {
            guard place + 4 <= text.count else { return nil }
            let digits = text[place..<place + 4]
            guard digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
            place += 4
            return UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
        }

        mutating func string() -> String? {
            place += 1
            var content = String.UnicodeScalarView()
            while let scalar = current {
                place += 1
                if scalar == "\"" { return String(content) }
                if scalar.value < 0x20 { return nil }
                guard scalar == "\\" else {
                    content.append(scalar)
                    continue
                }
                guard let escape = current else { return nil }
                place += 1
                let plain: [Unicode.Scalar: Unicode.Scalar] = [
                    "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
                ]
                if let scalar = plain[escape] {
                    content.append(scalar)
                    continue
                }
                guard escape == "u", let unit = hexUnit() else { return nil }
                if let scalar = Unicode.Scalar(unit) {
                    content.append(scalar)
                    continue
                }
                let before = place
                if unit < 0xDC00, take("\\"), take("u"), let low = hexUnit(), (0xDC00..<0xE000).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF))
                {
                    content.append(scalar)
                } else {
                    place = before
                    content.append("\u{FFFD}")
                }
            }
            return nil
        }

        mutating func number() -> String? {
            let start = place
            func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }
            _ = take("-")
            guard isDigit(current) else { return nil }
            if !take("0") { while isDigit(current) { place += 1 } }
            if take(".") {
                guard isDigit(current) else { return nil }
                while isDigit(current) { place += 1 }
            }
            if take("e") || take("E") {
                if !take("+") { _ = take("-") }
                guard isDigit(current) else { return nil }
                while isDigit(current) { place += 1 }
            }
            return String(String.UnicodeScalarView(text[start..<place]))
        }
    }
}
