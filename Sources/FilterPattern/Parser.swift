extension FilterPattern {
    /// Reads a pattern.
    ///
    /// Total: any text gives a pattern or an error, in time linear in its length.
    ///
    /// - Throws: `FilterPatternError` with the place of the first fault.
    public init(_ text: String) throws(FilterPatternError) {
        self = try PatternText(text).parse().pattern
    }
}

/// A pattern with the places of its leaves, for diagnostics.
struct ParsedPattern {
    var pattern: FilterPattern
    /// Where each leaf stands: terms, conditions or field tests, in the order of the text.
    var leafPlaces: [Range<Int>] = []
    /// Where `&&` stands beside `||` without parentheses to say which goes first.
    var mixedOperators: [Range<Int>] = []
}

/// The text of a pattern with a place in it: what the three parsers share.
struct PatternText {
    let scalars: [Unicode.Scalar]
    var place = 0
    /// Where the pattern ends, its trailing blanks left out.
    var end: Int
    var regexCount = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        end = scalars.count
        while end > 0, scalars[end - 1].isBlank { end -= 1 }
    }

    func parse(limit: Int = FilterPattern.maximumLength) throws(FilterPatternError) -> ParsedPattern {
        guard scalars.count <= limit else {
            throw FilterPatternError(
                .tooLong, "too-long", at: FilterPattern.maximumLength..<scalars.count,
                "\(scalars.count) characters, and a pattern may have \(limit)",
                advice: "several filters may publish to one metric: split the alternatives among them")
        }
        var text = self
        text.skipBlanks()
        switch text.current {
        case nil: return ParsedPattern(pattern: .everything)
        case "{": return try text.jsonPattern()
        case "[": return try text.spaceDelimitedPattern()
        default: return try text.termPattern()
        }
    }

    // MARK: Reading

    var current: Unicode.Scalar? { place < end ? scalars[place] : nil }

    func scalar(after distance: Int) -> Unicode.Scalar? {
        place + distance < end ? scalars[place + distance] : nil
    }

    mutating func skipBlanks() {
        while place < end, scalars[place].isBlank { place += 1 }
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        place += 1
        return true
    }

    mutating func takeWhile(_ accepts: (Unicode.Scalar) -> Bool) -> String {
        let start = place
        while place < end, accepts(scalars[place]) { place += 1 }
        return string(start..<place)
    }

    func string(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }

    /// What stands at the place, for a message: a word, or one character.
    func found() -> String {
        guard place < end else { return "the end" }
        var last = place
        while last < end, scalars[last].isBareCharacter { last += 1 }
        if scalars[place].isBlank { return "a blank" }
        return "`\(string(place..<max(last, place + 1)))`"
    }

    func here(_ count: Int = 1) -> Range<Int> {
        let start = min(place, scalars.count)
        return start..<min(start + count, max(scalars.count, start))
    }

    // MARK: Literals

    /// A text in double quotes, in which `\"` is a quote and `\\` a backslash.
    mutating func quoted() throws(FilterPatternError) -> String {
        let start = place
        place += 1
        var content = String.UnicodeScalarView()
        while place < end {
            let scalar = scalars[place]
            place += 1
            if scalar == "\"" { return String(content) }
            if scalar == "\\", let next = current, next == "\"" || next == "\\" {
                content.append(next)
                place += 1
            } else {
                content.append(scalar)
            }
        }
        throw FilterPatternError(
            "unterminated-quote", at: start..<start + 1, "this quotation mark is never closed",
            advice: "write `\"` where the text ends; inside, `\\\"` is a quotation mark")
    }

    /// `%…%`
    mutating func regex(limited: Bool = true) throws(FilterPatternError) -> RegularExpression {
        let start = place
        place += 1
        guard let close = scalars[place..<end].firstIndex(of: "%") else {
            throw FilterPatternError(
                "unterminated-regex", at: start..<start + 1,
                "this `%` begins a regular expression that is never closed",
                advice: "write `%` where it ends, or quotation marks around a text that holds a `%`")
        }
        regexCount += 1
        if regexCount > 2 {
            throw FilterPatternError(
                "too-many-regexes", at: start..<close + 1, "a third regular expression, and a pattern may have two",
                advice: "join alternatives with `|` in one expression, or use `*` wildcards")
        }
        do {
            let expression = try RegularExpression(string(place..<close))
            place = close + 1
            return expression
        } catch {
            throw error.moved(by: place)
        }
    }

    /// The right side of `=` or `!=`: a number, a text with or without quotes, or a regular expression.
    mutating func literal() throws(FilterPatternError) -> Literal {
        switch current {
        case "\"": return .text(TextLiteral(try quoted()))
        case "%": return .regex(try regex())
        default: break
        }
        let start = place
        let bare = takeWhile(\.isBareCharacter)
        guard !bare.isEmpty else { throw missingLiteral() }
        if let next = current, !next.endsLiteral {
            throw FilterPatternError(
                .invalidCharacters(String(next)), "character", at: here(),
                "`\(next)` may not stand in a text without quotes",
                advice: next.isCurlyQuote
                    ? "replace the curly quotes by straight ones: `\"`"
                    : next == "\""
                        ? "a quotation mark is missing before `\(bare)`, or this one is too many"
                        : "put the text in double quotes: \"\(string(start..<place + 1))…\"")
        }
        return NumberLiteral(bare).map(Literal.number) ?? .text(TextLiteral(bare))
    }

    /// The right side of `<`, `<=`, `>` or `>=`.
    mutating func number(for comparison: String) throws(FilterPatternError) -> NumberLiteral {
        let start = place
        guard case .number(let number) = try literal() else {
            throw FilterPatternError(
                "needs-number", at: start..<place,
                "`\(comparison)` compares numbers, and \(string(start..<place)) is none",
                advice: scalars[start] == "\""
                    ? "write the number without quotes" : "texts are compared with `=` and `!=`")
        }
        return number
    }

    private func missingLiteral() -> FilterPatternError {
        switch current {
        case let quote? where quote.isCurlyQuote:
            FilterPatternError(
                .invalidCharacters(String(quote)), "curly-quote", at: here(),
                "`\(quote)` is a typographic quotation mark",
                advice: "replace the curly quotes by straight ones: `\"`")
        case "'":
            FilterPatternError(
                .invalidCharacters("'"), "single-quote", at: here(), "a text is quoted with `\"`, not with `'`",
                advice: "write \"…\" (and keep single quotes for the shell, around the whole pattern)")
        case let other? where !other.endsLiteral && other != "=":
            FilterPatternError(
                .invalidCharacters(String(other)), "character", at: here(),
                "`\(other)` may not stand in a text without quotes",
                advice: "put the text in double quotes")
        default:
            FilterPatternError(
                "missing-literal", at: here(), "expected a text, number or regular expression, found \(found())",
                advice: "an empty text is written \"\"; `*` asks for any value")
        }
    }

    /// A test that begins with an operator: `= literal`, `!= literal`, `< number` …
    mutating func comparison() throws(FilterPatternError) -> ValueTest? {
        let isOperator: Bool
        switch current {
        case "=", "<", ">": isOperator = true
        case "!": isOperator = scalar(after: 1) == "="
        default: isOperator = false
        }
        guard isOperator, let first = current else { return nil }
        if first == "=", scalar(after: 1) == "=" {
            throw FilterPatternError("double-equals", at: here(2), "`==` is not an operator", advice: "write `=`")
        }
        place += 1
        let orEqual = first != "=" && take("=")
        skipBlanks()
        switch (first, orEqual) {
        case ("=", _): return .equals(try literal())
        case ("!", _): return .notEquals(try literal())
        case ("<", false): return .less(try number(for: "<"))
        case ("<", true): return .lessOrEqual(try number(for: "<="))
        case (_, false): return .greater(try number(for: ">"))
        case (_, true): return .greaterOrEqual(try number(for: ">="))
        }
    }

    // MARK: Expressions

    /// Reads leaves joined by `&&`, `||` and parentheses, up to something else.
    ///
    /// Keeps its own stack, so that no nesting of parentheses can exhaust the thread's.
    mutating func formula<Leaf>(
        into parsed: inout ParsedPattern,
        leaf: (inout PatternText) throws(FilterPatternError) -> Leaf
    ) throws(FilterPatternError) -> Formula<Leaf> {
        var groups = [OpenGroup<Leaf>(open: place)]
        while true {
            skipBlanks()
            while current == "(" {
                groups.append(OpenGroup(open: place))
                place += 1
                skipBlanks()
            }
            let start = place
            groups[groups.count - 1].conjuncts.append(.leaf(try leaf(&self)))
            parsed.leafPlaces.append(start..<place)
            skipBlanks()
            while current == ")", groups.count > 1 {
                place += 1
                groups[groups.count - 1].closeConjunction()
                let group = groups.removeLast()
                if group.alternatives.count > 1, group.hasBareConjunction {
                    parsed.mixedOperators.append(group.open..<place)
                }
                groups[groups.count - 1].conjuncts.append(
                    group.alternatives.count == 1 ? group.alternatives[0] : .any(group.alternatives))
                skipBlanks()
            }
            if current == "&", scalar(after: 1) == "&" {
                place += 2
            } else if current == "|", scalar(after: 1) == "|" {
                place += 2
                groups[groups.count - 1].closeConjunction()
            } else {
                break
            }
        }
        if groups.count > 1, let open = groups.last?.open {
            if let current, current != "}", current != "]" { throw unexpectedAfterCondition() }
            throw FilterPatternError(
                "missing-parenthesis", at: open..<open + 1, "this `(` is never closed",
                advice: "write `)` where the group ends, before column \(place + 1) at the latest")
        }
        groups[0].closeConjunction()
        if groups[0].alternatives.count > 1, groups[0].hasBareConjunction {
            parsed.mixedOperators.append(groups[0].open..<place)
        }
        return groups[0].alternatives.count == 1 ? groups[0].alternatives[0] : .any(groups[0].alternatives)
    }

    private var adviceForJunction: String {
        switch found() {
        case "`OR`", "`or`", "`Or`": return "write `||` for or"
        case "`AND`", "`and`", "`And`": return "write `&&` for and"
        default: break
        }
        switch current {
        case "(", "$": return "write `&&` or `||` between conditions"
        case "{", "}": return "braces stand around the whole pattern only"
        default: return "a text with a blank needs quotes: \"two words\""
        }
    }

    /// The fault when a condition is complete and neither an operator nor the end follows.
    func unexpectedAfterCondition() -> FilterPatternError {
        switch current {
        case "&":
            FilterPatternError("single-operator", at: here(), "a single `&`", advice: "write `&&` for and")
        case "|":
            FilterPatternError("single-operator", at: here(), "a single `|`", advice: "write `||` for or")
        case ",":
            FilterPatternError(
                "comma", at: here(), "conditions are not joined by commas", advice: "write `&&` for and, `||` for or")
        case ")":
            FilterPatternError("unopened-parenthesis", at: here(), "this `)` closes nothing", advice: "remove it")
        case nil: FilterPatternError("unexpected-end", at: here(), "the pattern ends too early")
        default:
            FilterPatternError(
                "expected-operator", at: here(), "expected `&&`, `||` or the end, found \(found())",
                advice: adviceForJunction)
        }
    }
}

/// A group whose end has not been read yet: the alternatives so far, and the conjunction being read.
private struct OpenGroup<Leaf: Hashable & Sendable> {
    var open: Int
    var alternatives: [Formula<Leaf>] = []
    var conjuncts: [Formula<Leaf>] = []
    var hasBareConjunction = false

    init(open: Int) {
        self.open = open
    }

    mutating func closeConjunction() {
        if conjuncts.count > 1 { hasBareConjunction = true }
        alternatives.append(conjuncts.count == 1 ? conjuncts[0] : .all(conjuncts))
        conjuncts = []
    }
}

extension Unicode.Scalar {
    /// Whether this may follow a literal without quotes.
    var endsLiteral: Bool {
        switch self {
        case ")", "&", "|", "}", "]", ",", "=", "(": true
        default: isBlank
        }
    }

    var isCurlyQuote: Bool {
        ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}", "\u{00AB}", "\u{00BB}"].contains(self)
    }
}
