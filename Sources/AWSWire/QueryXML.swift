public import WireValues

/// The XML of the Query protocol, read: elements and their texts, which is all that AWS writes.
public enum QueryXML {
    /// The result of an operation; nil when the text is no such answer.
    public static func result(_ text: String, of operation: String) -> WireValue? {
        var reader = Reader(text: Array(text.utf8))
        guard let root = reader.document(), root.name == operation + "Response" else { return nil }
        return root.children.first { $0.name == operation + "Result" }?.value ?? .empty
    }

    /// The root of any document: what comes several times is there as several members of one name.
    public static func document(_ text: String) -> WireValue? {
        var reader = Reader(text: Array(text.utf8))
        return reader.document()?.value
    }

    /// The code and the message of a refusal.
    public static func error(_ text: String) -> (code: String, message: String)? {
        var reader = Reader(text: Array(text.utf8))
        guard let error = reader.document()?.first("Error"), let code = error.first("Code")?.text else { return nil }
        return (code, error.first("Message")?.text ?? "")
    }

    private struct Element {
        var name: String
        var children: [Element] = []
        var text = ""

        /// `member` elements are a list, `entry` elements a map; anything else with children is a structure.
        var value: WireValue {
            guard !children.isEmpty else { return .string(text) }
            if children.allSatisfy({ $0.name == "member" }) { return .list(children.map(\.value)) }
            if children.allSatisfy({ $0.name == "entry" }) {
                return .map(
                    children.map { entry in
                        WireMember(
                            entry.children.first { $0.name == "key" }?.text ?? "",
                            entry.children.first { $0.name == "value" }?.value ?? .string(""))
                    })
            }
            return .structure(children.map { WireMember($0.name, $0.value) })
        }

        /// The first element of that name, here or below.
        func first(_ name: String) -> Element? {
            if self.name == name { return self }
            for child in children { if let found = child.first(name) { return found } }
            return nil
        }
    }

    private struct Reader {
        let text: [UInt8]
        var place = 0

        mutating func document() -> Element? {
            while place < text.count {
                guard skip(to: UInt8(ascii: "<")) else { return nil }
                if place + 1 < text.count, text[place + 1] == UInt8(ascii: "?") || text[place + 1] == UInt8(ascii: "!")
                {
                    place += 1
                } else {
                    return element(depth: 0)
                }
            }
            return nil
        }

        private mutating func skip(to byte: UInt8) -> Bool {
            while place < text.count, text[place] != byte { place += 1 }
            return place < text.count
        }

        /// The element whose `<` is here.
        private mutating func element(depth: Int) -> Element? {
            guard depth < 64 else { return nil }
            let start = place + 1
            guard skip(to: UInt8(ascii: ">")) else { return nil }
            let tag = text[start..<place]
            place += 1
            let name = tag.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
            var element = Element(name: String(decoding: name, as: UTF8.self))
            if tag.last == UInt8(ascii: "/") { return element }
            while place < text.count {
                let begin = place
                guard skip(to: UInt8(ascii: "<")) else { return nil }
                element.text += Self.decoded(text[begin..<place])
                if place + 1 < text.count, text[place + 1] == UInt8(ascii: "/") {
                    guard skip(to: UInt8(ascii: ">")) else { return nil }
                    place += 1
                    return element
                }
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.children.append(child)
            }
            return nil
        }

        private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
            let text = String(decoding: bytes, as: UTF8.self)
            guard bytes.contains(UInt8(ascii: "&")) else { return text }
            var decoded = ""
            var rest = text.unicodeScalars[...]
            while let start = rest.firstIndex(of: "&") {
                decoded.unicodeScalars += rest[..<start]
                rest = rest[start...]
                guard let end = rest.firstIndex(of: ";") else { break }
                let name = String(rest[rest.index(after: start)..<end])
                switch name {
                case "lt": decoded += "<"
                case "gt": decoded += ">"
                case "amp": decoded += "&"
                case "quot": decoded += "\""
                case "apos": decoded += "'"
                default:
                    let isHex = name.hasPrefix("#x")
                    let code = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10)
                    if name.hasPrefix("#"), let scalar = code.flatMap(Unicode.Scalar.init) {
                        decoded.unicodeScalars.append(scalar)
                    }
                }
                rest = rest[rest.index(after: end)...]
            }
            decoded.unicodeScalars += rest
            return decoded
        }
    }
}
