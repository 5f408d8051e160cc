/// A parsed CloudWatch Logs filter pattern, the language of metric filters, subscription filters and log searches.
///
/// A pattern decides about one log event, seen as text. Its kind follows from its first character only
/// (Amazon CloudWatch Logs User Guide, "Filter pattern syntax").
public enum FilterPattern: Hashable, Sendable {
    /// The empty pattern: every event matches.
    case everything
    /// Words, quoted phrases and regular expressions looked for in the raw message.
    case terms(TermPattern)
    /// `{ … }`: conditions on the members of a JSON object.
    case json(Formula<Condition>)
    /// `[ … ]`: conditions on the blank-separated fields of the message.
    case spaceDelimited(SpaceDelimitedPattern)

    /// The most characters (Unicode scalars) a pattern may have.
    public static let maximumLength = 1024
}

/// Leaves joined by `&&` and `||`. The shape is that of the text: a parenthesised group stays a node of its own.
public indirect enum Formula<Leaf: Hashable & Sendable>: Hashable, Sendable {
    case leaf(Leaf)
    /// All of two or more parts.
    case all([Formula])
    /// At least one of two or more parts.
    case any([Formula])

    /// The leaves in the order of the text.
    public var leaves: [Leaf] {
        switch self {
        case .leaf(let leaf): [leaf]
        case .all(let parts), .any(let parts): parts.flatMap(\.leaves)
        }
    }
}

/// One comparison in a JSON pattern: what a selector finds, put to a test.
public struct Condition: Hashable, Sendable {
    public var selector: Selector
    public var test: ValueTest

    public init(_ selector: Selector, _ test: ValueTest) {
        self.selector = selector
        self.test = test
    }
}

/// What is asked of a value.
///
/// Every test but `notExists` is false when the value is absent, `!=` included.
public enum ValueTest: Hashable, Sendable {
    case equals(Literal)
    case notEquals(Literal)
    case less(NumberLiteral)
    case lessOrEqual(NumberLiteral)
    case greater(NumberLiteral)
    case greaterOrEqual(NumberLiteral)
    case isNull
    case isTrue
    case isFalse
    case notExists
}

/// The right side of a comparison.
public enum Literal: Hashable, Sendable {
    case number(NumberLiteral)
    case text(TextLiteral)
    case regex(RegularExpression)
}

/// A number as it was written; `12` and `12.0` are different literals with equal values.
public struct NumberLiteral: Hashable, Sendable {
    public let text: String

    /// Makes a literal of `text`, or nil when it is not of the form `[+-] digits [. digits] [e [+-] digits]`.
    public init?(_ text: String) {
        guard DecimalNumber(text.utf8) != nil else { return nil }
        self.text = text
    }

    /// The exact value.
    public var value: DecimalNumber {
        DecimalNumber(text.utf8) ?? .zero
    }
}

/// A text, in which a `*` at either end stands for any run of characters.
public struct TextLiteral: Hashable, Sendable {
    /// How the text is compared.
    public enum Shape: Hashable, Sendable {
        case exact(String)
        case prefix(String)
        case suffix(String)
        case contains(String)
        /// `*` alone: every string and every number.
        case anything
    }

    /// The text after escapes are resolved, stars included.
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var shape: Shape {
        let scalars = text.unicodeScalars
        let starts = scalars.first == "*"
        let ends = scalars.last == "*"
        if scalars.allSatisfy({ $0 == "*" }), (1...2).contains(scalars.count) { return .anything }
        let inner = scalars.dropFirst(starts ? 1 : 0).dropLast(ends ? 1 : 0)
        let middle = String(String.UnicodeScalarView(inner))
        switch (starts, ends) {
        case (false, false): return .exact(middle)
        case (false, true): return .prefix(middle)
        case (true, false): return .suffix(middle)
        case (true, true): return .contains(middle)
        }
    }
}

/// Words, phrases and regular expressions looked for in the raw message.
///
/// When a term must or must not occur, optional terms are ignored altogether.
public struct TermPattern: Hashable, Sendable {
    public enum Role: Hashable, Sendable {
        /// `word`: must occur.
        case include
        /// `-word`: must not occur.
        case exclude
        /// `?word`: one of these must occur, unless a term of another role is present.
        case optional
    }

    public enum Atom: Hashable, Sendable {
        case text(String)
        case regex(RegularExpression)
    }

    public struct Term: Hashable, Sendable {
        public var role: Role
        public var atom: Atom

        public init(_ role: Role, _ atom: Atom) {
            self.role = role
            self.atom = atom
        }
    }

    /// At least one term.
    public var terms: [Term]

    public init(_ terms: [Term]) {
        self.terms = terms
    }

    /// Whether the optional terms have no effect because a term of another role is present.
    public var ignoresOptionalTerms: Bool {
        terms.contains { $0.role != .optional }
    }
}

/// Conditions on the fields of a message that is cut at blanks and tabs.
public struct SpaceDelimitedPattern: Hashable, Sendable {
    /// The place of one field in the pattern.
    public enum Field: Hashable, Sendable {
        case unnamed
        case named(String)
        case tested(name: String, Formula<ValueTest>)
        /// `...`: as many fields as needed; at most one in a pattern.
        case ellipsis
    }

    public var fields: [Field]

    public init(_ fields: [Field]) {
        self.fields = fields
    }

    /// The place of the `...`, if there is one.
    public var ellipsis: Int? {
        fields.firstIndex(of: .ellipsis)
    }
}
