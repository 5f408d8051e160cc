/// What a selector finds in an event, as far as conditions can tell.
public enum FoundValue: Hashable, Sendable {
    case nothing
    case null
    case bool(Bool)
    case text(String)
    /// As it is written.
    case number(String)
    /// An object or an array.
    case container
}

extension ValueTest {
    /// Whether a value passes: the table of the language, cell by cell (CloudWatch Logs User Guide, "JSON filter
    /// pattern").
    func holds(for value: FoundValue) -> Bool {
        switch (self, value) {
        case (.notExists, .nothing): return true
        case (.notExists, _), (_, .nothing), (_, .container): return false
        case (.isNull, .null), (.isTrue, .bool(true)), (.isFalse, .bool(false)): return true
        case (.equals(let literal), _): return literal.equals(value) ?? false
        case (.notEquals(let literal), _): return literal.equals(value).map { !$0 } ?? false
        default: break
        }
        guard case .number(let text) = value, let number = DecimalNumber(text.utf8) else { return false }
        switch self {
        case .less(let limit): return number < limit.value
        case .lessOrEqual(let limit): return number <= limit.value
        case .greater(let limit): return number > limit.value
        case .greaterOrEqual(let limit): return number >= limit.value
        default: return false
        }
    }
}

extension Literal {
    /// Nil where the language compares nothing.
    fileprivate func equals(_ value: FoundValue) -> Bool? {
        let text: String
        switch value {
        case .text(let string): text = string
        case .number(let written): text = written
        case .bool(let bool): text = bool ? "true" : "false"
        case .nothing, .null, .container: return nil
        }
        switch self {
        case .text(let literal): return literal.matches(text)
        case .regex(let expression):
            return Array(text.utf8).withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { Automaton(expression).matches($0, bytes.count) }
                    ?? Automaton(expression).matches("")
            }
        case .number(let literal):
            switch value {
            case .number: return DecimalNumber(text.utf8) == literal.value
            case .text: return text.sameScalars(literal.text)
            default: return false
            }
        }
    }
}

extension Automaton {
    fileprivate func matches(_ text: StaticString) -> Bool { matches(text.utf8Start, text.utf8CodeUnitCount) }
}

extension TextLiteral {
    func matches(_ text: String) -> Bool {
        switch shape {
        case .anything: true
        case .exact(let exact): text.sameScalars(exact)
        case .prefix(let prefix): text.beginsWithScalars(prefix)
        case .suffix(let suffix): text.endsWithScalars(suffix)
        case .contains(let part): text.containsScalars(part)
        }
    }
}
