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

/// A test of a value, made ready to be asked often.
struct PreparedTest {
    private enum Comparison {
        case text(TextLiteral.Shape)
        case regex(Automaton)
        case number(DecimalNumber, written: String)
        case none
    }

    private let test: ValueTest
    private let comparison: Comparison
    private let isNegated: Bool

    init(_ test: ValueTest) {
        self.test = test
        if case .notEquals = test { isNegated = true } else { isNegated = false }
        switch test.affirmed {
        case .equals(.text(let text)): comparison = .text(text.shape)
        case .equals(.regex(let expression)): comparison = .regex(Automaton(expression))
        case .equals(.number(let number)): comparison = .number(number.value, written: number.text)
        case .less(let number), .lessOrEqual(let number), .greater(let number), .greaterOrEqual(let number):
            comparison = .number(number.value, written: number.text)
        default: comparison = .none
        }
    }

    /// Whether a value passes: the table of the language, cell by cell (CloudWatch Logs User Guide, "JSON filter
    /// pattern").
    func holds(for value: FoundValue) -> Bool {
        switch (test, value) {
        case (.notExists, .nothing): return true
        case (.notExists, _), (_, .nothing), (_, .container): return false
        case (.isNull, .null), (.isTrue, .bool(true)), (.isFalse, .bool(false)): return true
        case (.equals, _), (.notEquals, _): return equals(value).map { $0 != isNegated } ?? false
        default: break
        }
        guard case .number(let text) = value, let number = DecimalNumber(text.utf8),
            case .number(let limit, _) = comparison
        else { return false }
        switch test {
        case .less: return number < limit
        case .lessOrEqual: return number <= limit
        case .greater: return number > limit
        case .greaterOrEqual: return number >= limit
        default: return false
        }
    }

    /// Nil where the language compares nothing.
    private func equals(_ value: FoundValue) -> Bool? {
        let text: String
        switch value {
        case .text(let string): text = string
        case .number(let written): text = written
        case .bool(let bool): text = bool ? "true" : "false"
        case .nothing, .null, .container: return nil
        }
        switch comparison {
        case .text(let shape): return shape.matches(text)
        case .regex(let automaton):
            var text = text
            return text.withUTF8 { bytes in
                bytes.baseAddress.map { automaton.matches($0, bytes.count) } ?? automaton.matchesEmptyText
            }
        case .number(let number, let written):
            switch value {
            case .number: return DecimalNumber(text.utf8) == number
            case .text: return text.utf8.elementsEqual(written.utf8)
            default: return false
            }
        case .none: return nil
        }
    }
}

extension Automaton {
    fileprivate var matchesEmptyText: Bool { accepts(initial(atEnd: true)) }
}

extension TextLiteral.Shape {
    /// Compares bytes of UTF-8, of which no character is a part of another.
    func matches(_ text: String) -> Bool {
        switch self {
        case .anything: true
        case .exact(let exact): text.utf8.count == exact.utf8.count && text.utf8.elementsEqual(exact.utf8)
        case .prefix(let prefix): text.utf8.starts(with: prefix.utf8)
        case .suffix(let suffix): text.utf8.reversed().starts(with: suffix.utf8.reversed())
        case .contains(let part): text.containsScalars(part)
        }
    }
}
