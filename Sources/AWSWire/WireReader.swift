public import AWSCore
public import WireValues

/// What a value must satisfy. Its breach has the words that AWS has for it.
public enum Constraint: Sendable {
    /// Of a string in characters, of a list in elements.
    case length(ClosedRange<Int>)
    case range(ClosedRange<Int>)
    case oneOf([String])
    /// A regular expression as the API Reference prints it, and whether a text satisfies it.
    case pattern(String, @Sendable (String) -> Bool)
}

/// Reads the members of an input: the caller names the member and the type it wants, so the untyped form of Query needs
/// no table of shapes.
public struct WireReader: Sendable {
    public let value: WireValue
    /// How the service tells that an input is not valid, given the words.
    let invalid: @Sendable (String) -> AWSFault

    public init(_ value: WireValue, invalid: @escaping @Sendable (String) -> AWSFault) {
        self.value = value
        self.invalid = invalid
    }

    public func has(_ name: String) -> Bool { value[name] != nil }

    // MARK: Scalars

    public func string(_ name: String, _ constraints: Constraint...) throws(AWSFault) -> String? {
        guard let member = value[name] else { return nil }
        let text: String
        switch member {
        case .string(let value): text = value
        case .integer(let value): text = String(value)
        case .number(let value): text = String(value)
        case .bool(let value): text = String(value)
        default: throw .serialization("\(name) is not a string")
        }
        for constraint in constraints { try check(text, name, constraint) }
        return text
    }

    public func required(_ name: String, _ constraints: Constraint...) throws(AWSFault) -> String {
        guard let text = try string(name) else { throw missing(name) }
        for constraint in constraints { try check(text, name, constraint) }
        return text
    }

    public func integer(_ name: String, _ range: ClosedRange<Int>? = nil) throws(AWSFault) -> Int? {
        guard let member = value[name] else { return nil }
        let number: Int?
        switch member {
        case .integer(let value): number = Int(value)
        case .number(let value): number = Int(exactly: value)
        case .string(let value): number = Int(value)
        default: number = nil
        }
        guard let number else { throw .serialization("\(name) is not an integer") }
        if let range {
            if number < range.lowerBound {
                throw violation(
                    String(number), name, "Member must have value greater than or equal to \(range.lowerBound)")
            }
            if number > range.upperBound {
                throw violation(
                    String(number), name, "Member must have value less than or equal to \(range.upperBound)")
            }
        }
        return number
    }

    public func double(_ name: String) throws(AWSFault) -> Double? {
        guard let member = value[name] else { return nil }
        switch member {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        case .string(let text):
            if let number = Double(text) { return number }
            fallthrough
        default: throw .serialization("\(name) is not a number")
        }
    }

    public func bool(_ name: String) throws(AWSFault) -> Bool? {
        guard let member = value[name] else { return nil }
        switch member {
        case .bool(let value): return value
        case .string("true"), .string("True"): return true
        case .string("false"), .string("False"): return false
        default: throw .serialization("\(name) is not a boolean")
        }
    }

    /// Epoch seconds, ISO 8601, or a time of CBOR.
    public func timestamp(_ name: String) throws(AWSFault) -> Timestamp? {
        guard let member = value[name] else { return nil }
        switch member {
        case .timestamp(let time): return time
        case .integer(let seconds) where abs(seconds) < 1 << 50: return Timestamp(seconds: seconds)
        case .number(let seconds) where abs(seconds) < 0x1p50:
            return Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
        case .string(let text):
            if let time = Timestamp(text) { return time }
            fallthrough
        default: throw .serialization("\(name) is not a time")
        }
    }

    public func blob(_ name: String) throws(AWSFault) -> [UInt8]? {
        guard let member = value[name] else { return nil }
        switch member {
        case .blob(let bytes): return bytes
        case .string(let text):
            if let bytes = Base64.decode(text) { return bytes }
            fallthrough
        default: throw .serialization("\(name) is not Base64")
        }
    }

    // MARK: Compounds

    /// The elements of a list of structures; empty when it is absent.
    public func list(_ name: String, _ count: ClosedRange<Int>? = nil) throws(AWSFault) -> [WireReader] {
        try elements(name, count).map { WireReader($0, invalid: invalid) }
    }

    public func strings(_ name: String, _ count: ClosedRange<Int>? = nil) throws(AWSFault) -> [String] {
        var texts: [String] = []
        for element in try elements(name, count) {
            guard case .string(let text) = element else { throw .serialization("\(name) is not a list of strings") }
            texts.append(text)
        }
        return texts
    }

    public func doubles(_ name: String) throws(AWSFault) -> [Double] {
        var numbers: [Double] = []
        for element in try elements(name, nil) {
            let one = WireReader(.structure([WireMember("n", element)]), invalid: invalid)
            guard let number = try one.double("n") else { throw .serialization("\(name) is not a list of numbers") }
            numbers.append(number)
        }
        return numbers
    }

    private func elements(_ name: String, _ count: ClosedRange<Int>?) throws(AWSFault) -> [WireValue] {
        guard let member = value[name] else { return [] }
        let elements: [WireValue]
        switch member {
        case .list(let list): elements = list
        case .string(""): elements = []
        default: throw .serialization("\(name) is not a list")
        }
        if let count, !count.contains(elements.count) {
            throw violation(Self.description(member), name, Self.lengthWords(elements.count, count))
        }
        return elements
    }

    public func structure(_ name: String) throws(AWSFault) -> WireReader? {
        guard let member = value[name] else { return nil }
        switch member {
        case .structure, .map: return WireReader(member, invalid: invalid)
        case .string(""): return WireReader(.empty, invalid: invalid)
        default: throw .serialization("\(name) is not a structure")
        }
    }

    /// A map from strings to strings; empty when it is absent.
    public func map(_ name: String) throws(AWSFault) -> [String: String] {
        guard let reader = try structure(name) else { return [:] }
        var map: [String: String] = [:]
        for member in reader.value.members { map[member.name] = try reader.string(member.name) }
        return map
    }

    /// Tags as a list of `Key` and `Value`; nil when there is none.
    public func tags(_ name: String) throws(AWSFault) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        for tag in try list(name) { tags.append((try tag.required("Key"), try tag.string("Value") ?? "")) }
        return tags
    }

    // MARK: Faults

    public func missing(_ name: String) -> AWSFault {
        invalid(
            "1 validation error detected: Value null at '\(Self.wire(name))' failed to satisfy constraint: "
                + "Member must not be null")
    }

    private func violation(_ value: String, _ name: String, _ words: String) -> AWSFault {
        invalid(
            "1 validation error detected: Value '\(value)' at '\(Self.wire(name))' failed to satisfy constraint: \(words)"
        )
    }

    private func check(_ text: String, _ name: String, _ constraint: Constraint) throws(AWSFault) {
        switch constraint {
        case .length(let range):
            let count = text.unicodeScalars.count
            if !range.contains(count) { throw violation(text, name, Self.lengthWords(count, range)) }
        case .range: break
        case .oneOf(let values):
            if !values.contains(text) {
                throw violation(
                    text, name, "Member must satisfy enum value set: [\(values.joined(separator: ", "))]")
            }
        case .pattern(let expression, let holds):
            if !holds(text) {
                throw violation(text, name, "Member must satisfy regular expression pattern: \(expression)")
            }
        }
    }

    private static func lengthWords(_ count: Int, _ range: ClosedRange<Int>) -> String {
        count < range.lowerBound
            ? "Member must have length greater than or equal to \(range.lowerBound)"
            : "Member must have length less than or equal to \(range.upperBound)"
    }

    /// Faults name members with a small first letter.
    private static func wire(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }

    private static func description(_ value: WireValue) -> String {
        switch value {
        case .list(let elements): "[" + elements.map(description).joined(separator: ", ") + "]"
        case .structure(let members), .map(let members):
            "{" + members.map { "\($0.name)=\(description($0.value))" }.joined(separator: ", ") + "}"
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let value): String(value)
        case .timestamp(let time): time.description
        case .blob, .null: "null"
        }
    }
}
