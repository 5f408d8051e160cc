/// What a pattern matches, for a reader who does not know the language.
public struct PatternExplanation: Sendable {
    /// One sentence.
    public var summary: String
    /// The pattern as a tree: lines with their depth.
    public var lines: [(depth: Int, text: String)]

    public init(_ pattern: FilterPattern) {
        lines = []
        switch pattern {
        case .everything: summary = "Matches every event."
        case .terms(let terms):
            summary = Self.sentence(terms)
            for term in terms.terms { lines.append((0, Self.words(term, ignoresOptional: terms.ignoresOptionalTerms))) }
        case .json(let formula):
            summary = "Matches a JSON event in which \(Self.words(formula) { "\($0.selector) \($0.test.words)" })."
            addLines(formula, depth: 0) { "\($0.selector) \($0.test.words)" }
        case .spaceDelimited(let pattern):
            summary = Self.sentence(pattern)
            for (i, field) in pattern.fields.enumerated() { addLine(field, i, pattern) }
        }
    }

    // MARK: Trees

    private mutating func addLines<Leaf>(_ formula: Formula<Leaf>, depth: Int, _ words: (Leaf) -> String) {
        if case .leaf(let leaf) = formula {
            lines.append((depth, words(leaf)))
            return
        }
        let (parts, isAny) = formula.parts
        lines.append((depth, isAny ? "at least one of" : "all of"))
        for part in parts { addLines(part, depth: depth + 1, words) }
    }

    /// A formula as a part of a sentence; long lists of alternatives on one field are drawn together.
    private static func words(_ formula: Formula<Condition>, _ leaf: (Condition) -> String) -> String {
        switch formula {
        case .leaf(let condition): return leaf(condition)
        case .any(let parts):
            let names = parts.compactMap { part -> (Selector, String)? in
                guard case .leaf(let condition) = part, case .equals(.text(let text)) = condition.test,
                    case .exact(let exact) = text.shape
                else { return nil }
                return (condition.selector, exact)
            }
            if names.count == parts.count, names.count > 2, Set(names.map(\.0)).count == 1 {
                return "\(names[0].0) is one of \(names.map(\.1).joined(separator: ", "))"
            }
            return "either "
                + parts.map { part in
                    if case .leaf = part { words(part, leaf) } else { "(\(words(part, leaf)))" }
                }.joined(separator: ", or ")
        case .all(let parts):
            return parts.map { part in
                if case .any = part { "(\(words(part, leaf)))" } else { words(part, leaf) }
            }.joined(separator: " and ")
        }
    }

    // MARK: Terms

    private static func sentence(_ pattern: TermPattern) -> String {
        if pattern.ignoresOptionalTerms {
            let parts = pattern.terms.filter { $0.role != .optional }.map { words($0, ignoresOptional: true) }
            return "Matches a message that \(parts.joined(separator: " and "))."
        }
        return
            "Matches a message that holds at least one of: \(pattern.terms.map { text($0.atom) }.joined(separator: ", "))."
    }

    private static func words(_ term: TermPattern.Term, ignoresOptional: Bool) -> String {
        switch term.role {
        case .include: "holds \(text(term.atom))"
        case .exclude: "does not hold \(text(term.atom))"
        case .optional:
            ignoresOptional ? "(\(text(term.atom)) has no effect)" : "holds \(text(term.atom)), or another of these"
        }
    }

    private static func text(_ atom: TermPattern.Atom) -> String {
        switch atom {
        case .text(let text): "the text `\(text)`"
        case .regex(let expression): "a match of `\(expression.source)`"
        }
    }

    // MARK: Fields

    private static func sentence(_ pattern: SpaceDelimitedPattern) -> String {
        let count = pattern.fields.filter { $0 != .ellipsis }.count
        if count == 0 { return "Matches every message and numbers its fields." }
        let least = count == 1 ? "one field" : "\(count) fields"
        let rest = pattern.ellipsis == nil ? ", the last of which takes the rest of the message" : ""
        let isTested = pattern.fields.contains { if case .tested = $0 { true } else { false } }
        return "Matches a message of at least \(least)\(rest)\(isTested ? ", that pass the tests below" : "")."
    }

    private mutating func addLine(_ field: SpaceDelimitedPattern.Field, _ index: Int, _ pattern: SpaceDelimitedPattern)
    {
        let place: String
        if let ellipsis = pattern.ellipsis, index > ellipsis {
            let fromEnd = pattern.fields.count - index
            place = fromEnd == 1 ? "the last field" : "field \(fromEnd) from the end"
        } else {
            place = "field \(index + 1)"
        }
        switch field {
        case .ellipsis: lines.append((0, "any number of fields"))
        case .unnamed: lines.append((0, "\(place): anything"))
        case .named(let name): lines.append((0, "\(place), `\(name)`: anything"))
        case .tested(let name, let formula):
            lines.append((0, "\(place), `\(name)`:"))
            addLines(formula, depth: 1) { $0.words }
        }
    }
}

extension ValueTest {
    /// As in "the field …".
    var words: String {
        switch self {
        case .equals(let literal): literal.words(negated: false)
        case .notEquals(let literal): "exists and \(literal.words(negated: true))"
        case .less(let number): "is a number less than \(number.text)"
        case .lessOrEqual(let number): "is a number of at most \(number.text)"
        case .greater(let number): "is a number greater than \(number.text)"
        case .greaterOrEqual(let number): "is a number of at least \(number.text)"
        case .isNull: "is null"
        case .isTrue: "is true"
        case .isFalse: "is false"
        case .notExists: "does not exist"
        }
    }
}

extension Literal {
    func words(negated: Bool) -> String {
        switch self {
        case .number(let number): return "\(negated ? "is not" : "is") the number \(number.text)"
        case .regex(let expression): return "\(negated ? "has no" : "has a") match of `\(expression.source)`"
        case .text(let text):
            switch text.shape {
            case .anything: return negated ? "is neither text nor number" : "is any text or number"
            case .exact(let text): return "\(negated ? "is not" : "is") \"\(text)\""
            case .prefix(let text): return "\(negated ? "does not begin" : "begins") with \"\(text)\""
            case .suffix(let text): return "\(negated ? "does not end" : "ends") with \"\(text)\""
            case .contains(let text): return "\(negated ? "does not contain" : "contains") \"\(text)\""
            }
        }
    }
}
