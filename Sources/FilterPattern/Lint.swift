/// Looks for what is legal and probably not meant. The tags are those of the language's open questions.
struct Lint {
    let source: PatternText
    let parsed: ParsedPattern
    let vocabulary: Vocabulary

    func diagnostics() -> [Diagnostic] {
        var found: [Diagnostic]
        switch parsed.pattern {
        case .everything: found = []
        case .terms(let pattern): found = ignoredTerms(pattern)
        case .json(let formula):
            found =
                mixedOperators(formula) + contradictions(formula) + repetitions(formula) + floods(formula)
                + absentFields(formula) + literals(formula.leaves.map(\.test)) + wildcardSelectors(formula) + unquoted()
        case .spaceDelimited(let pattern):
            let tests = pattern.fields.flatMap { field -> [ValueTest] in
                if case .tested(_, let formula) = field { formula.leaves } else { [] }
            }
            found = literals(tests)
        }
        found.sort { $0.place.lowerBound < $1.place.lowerBound }
        return found
    }

    // MARK: Terms

    private func ignoredTerms(_ pattern: TermPattern) -> [Diagnostic] {
        guard pattern.ignoresOptionalTerms else { return [] }
        return zip(pattern.terms, parsed.leafPlaces).compactMap { term, place in
            guard term.role == .optional else { return nil }
            return Diagnostic(
                .warning, "ignored-term", at: place, "`?` terms have no effect beside other terms",
                advice: "leave it out, or put `?` before every term (T5)")
        }
    }

    // MARK: Operators

    private func mixedOperators(_ formula: Formula<Condition>) -> [Diagnostic] {
        parsed.mixedOperators.map { place in
            var advice = "it reads as \(FilterPattern.json(formula).description)"
            if let witness = Witness.mixed(formula) { advice += "\n    so it lets through, for example: \(witness)" }
            return Diagnostic(
                .warning, "mixed-operators", at: place, "`&&` and `||` without parentheses: `&&` goes first (J20)",
                advice: advice)
        }
    }

    // MARK: Contradictions

    /// Conditions that contradict one that must hold as well.
    private func contradictions(_ formula: Formula<Condition>) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var place = 0
        /// Gives whether the part can hold; `given` must hold as well.
        func visit(_ part: Formula<Condition>, _ given: [Condition]) -> Bool {
            switch part {
            case .leaf(let condition):
                defer { place += 1 }
                guard let contrary = given.first(where: { $0 != condition && Self.contradict($0, condition) }) else {
                    return true
                }
                found.append(
                    Diagnostic(
                        .warning, "never", at: parsed.leafPlaces[place],
                        "this can never hold together with `\(contrary)`",
                        advice: "conditions on one field that exclude each other are joined by `||`"))
                return false
            case .any(let parts): return parts.map { visit($0, given) }.contains(true)
            case .all(let parts):
                var holds = true
                for (i, part) in parts.enumerated() {
                    let siblings = parts.enumerated().compactMap { j, sibling -> Condition? in
                        if j != i, case .leaf(let condition) = sibling { condition } else { nil }
                    }
                    // A pair is told of once, at its second condition.
                    let earlier = parts.prefix(i).compactMap { sibling -> Condition? in
                        if case .leaf(let condition) = sibling { condition } else { nil }
                    }
                    let isLeaf = if case .leaf = part { true } else { false }
                    if !visit(part, given + (isLeaf ? earlier : siblings)) { holds = false }
                }
                return holds
            }
        }
        if !visit(formula, []) {
            found.insert(
                Diagnostic(
                    .warning, "never-matches", at: 0..<source.scalars.count, "no event can match this pattern",
                    advice: "see the conditions below"),
                at: 0)
        }
        return found
    }

    private static func contradict(_ a: Condition, _ b: Condition) -> Bool {
        // Of several values one may pass the one test and another the other.
        guard !a.selector.isWildcard, !b.selector.isWildcard else { return false }
        if a.selector == b.selector { return a.test.excludes(b.test) }
        // Nothing stands below what does not exist.
        func isBelow(_ low: Condition, _ high: Condition) -> Bool {
            high.test == .notExists && low.test != .notExists && low.selector.steps.starts(with: high.selector.steps)
        }
        return isBelow(a, b) || isBelow(b, a)
    }

    // MARK: Repetitions

    private func repetitions(_ formula: Formula<Condition>) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var place = 0
        func visit(_ part: Formula<Condition>) {
            guard case .leaf = part else {
                let (parts, isAny) = part.parts
                var leaves: [(condition: Condition, place: Int)] = []
                for part in parts {
                    if case .leaf(let condition) = part {
                        if let message = Self.repetition(condition, leaves.map(\.condition), isAny: isAny) {
                            found.append(
                                Diagnostic(
                                    .warning, message.code, at: parsed.leafPlaces[place], message.text,
                                    advice: "it can be left out"))
                        }
                        leaves.append((condition, place))
                    }
                    visit(part)
                }
                return
            }
            place += 1
        }
        visit(formula)
        return found
    }

    private static func repetition(
        _ condition: Condition, _ earlier: [Condition], isAny: Bool
    ) -> (code: String, text: String)? {
        if earlier.contains(condition) { return ("duplicate", "`\(condition)` stands here a second time") }
        for other in earlier where other.selector == condition.selector && !condition.selector.isWildcard {
            // Among alternatives the narrower adds nothing, in a conjunction the wider.
            let isRedundant = isAny ? condition.test.implies(other.test) : other.test.implies(condition.test)
            if isRedundant {
                return (isAny ? "redundant" : "always", "whenever it matters, this holds already by `\(other)`")
            }
        }
        return nil
    }

    // MARK: Floods

    /// Alternatives of nothing but `!=`, which let nearly every event through.
    private func floods(_ formula: Formula<Condition>) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var place = 0
        /// - Parameter isGuarded: whether a condition around this part lets only some events through.
        func visit(_ part: Formula<Condition>, beside: [Condition]?, isGuarded: Bool) {
            if case .leaf(let condition) = part {
                let isExclusion = if case .notEquals = condition.test { true } else { false }
                let coversAbsence = beside?.contains(Condition(condition.selector, .notExists)) == true
                if beside != nil, isExclusion, !isGuarded, !coversAbsence {
                    found.append(
                        Diagnostic(
                            .warning, "floods", at: parsed.leafPlaces[place],
                            "as an alternative of its own this lets nearly every event through",
                            advice: "an exclusion is joined to the rest by `&&`"))
                }
                place += 1
                return
            }
            let (parts, isAny) = part.parts
            let leaves = parts.compactMap { part -> Condition? in
                if case .leaf(let condition) = part { condition } else { nil }
            }
            for part in parts {
                let others = parts.filter { $0 != part }
                let isNarrowed = !isAny && others.contains { $0.leaves.contains(where: \.test.isNarrow) }
                visit(part, beside: isAny ? leaves : nil, isGuarded: isGuarded || isNarrowed)
            }
        }
        visit(formula, beside: nil, isGuarded: false)
        return found
    }

    // MARK: Values

    private func absentFields(_ formula: Formula<Condition>) -> [Diagnostic] {
        var told: Set<Selector> = []
        return zip(formula.leaves, parsed.leafPlaces).compactMap { condition, place in
            guard case .notEquals = condition.test, !vocabulary.alwaysPresent.contains(condition.selector),
                !formula.leaves.contains(Condition(condition.selector, .notExists)),
                told.insert(condition.selector).inserted
            else { return nil }
            return Diagnostic(
                .note, "absent-field", at: place,
                "an event without `\(condition.selector)` fails this, `!=` included (J17)",
                advice: "to let it through: (\(condition.selector) NOT EXISTS || \(condition))")
        }
    }

    private func literals(_ tests: [ValueTest]) -> [Diagnostic] {
        zip(tests, parsed.leafPlaces).flatMap { test, place -> [Diagnostic] in
            let literal: Literal
            switch test {
            case .equals(let value), .notEquals(let value): literal = value
            default: return []
            }
            switch literal {
            case .regex: return []
            case .number(let number):
                guard number.text.count >= 12 else { return [] }
                return [
                    Diagnostic(
                        .note, "number-or-text", at: place,
                        "a number without quotes; an equal text in the event is taken as equal too (U4)",
                        advice: "CloudTrail writes account ids as texts: \"\(number.text)\"")
                ]
            case .text(let text):
                var found: [Diagnostic] = []
                let inner = text.text.unicodeScalars.dropFirst().dropLast()
                if inner.contains("*"), text.shape != .anything {
                    found.append(
                        Diagnostic(
                            .warning, "inner-star", at: place, "a `*` inside a text stands for itself (J10)",
                            advice:
                                "it is a wildcard at the begin and the end only; a regular expression can do more: %…%")
                    )
                }
                let written = source.string(place)
                let isQuoted = written.contains("\"")
                if !isQuoted,
                    text.text.unicodeScalars.contains(where: { !$0.isWordCharacter && $0 != "." && $0 != "*" })
                {
                    found.append(
                        Diagnostic(
                            .warning, "odd-bare-text", at: place,
                            "whether the service takes this without quotes is not documented (U1)",
                            advice: "write \(Literal.text(text))"))
                }
                if isQuoted, text.text.unicodeScalars.contains(where: \.isBlank),
                    case let joined = text.text.withoutBlanks, vocabulary.knowsEventName(joined)
                {
                    found.append(
                        Diagnostic(
                            .warning, "broken-name", at: place, "no event has a name with a blank",
                            advice: "was this `\(joined)`, broken at the end of a line?"))
                }
                return found
            }
        }
    }

    private func wildcardSelectors(_ formula: Formula<Condition>) -> [Diagnostic] {
        zip(formula.leaves, parsed.leafPlaces).compactMap { condition, place in
            guard condition.selector.isWildcard, case .notEquals = condition.test else { return nil }
            return Diagnostic(
                .note, "any-value", at: place, "holds when any of the values differs, not when all do (U14)")
        }
    }

    /// A pattern with wildcards and not one quotation mark: as a shell delivers it from double quotes.
    private func unquoted() -> [Diagnostic] {
        guard !source.scalars.contains("\""),
            let place = zip(parsed.leaves, parsed.leafPlaces).first(where: { $0.0.contains("*") })?.1
        else { return [] }
        return [
            Diagnostic(
                .note, "no-quotes", at: place,
                "texts without quotes are legal and mean the same",
                advice: "if the quotes were lost in a shell, put the whole pattern in single quotes")
        ]
    }
}

extension ParsedPattern {
    /// The literals of the conditions, for a look at their form.
    var leaves: [String] {
        guard case .json(let formula) = pattern else { return [] }
        return formula.leaves.map { condition in
            switch condition.test {
            case .equals(.text(let text)), .notEquals(.text(let text)): text.text
            default: ""
            }
        }
    }
}

extension Formula {
    /// The parts of a node, and whether one of them is enough.
    var parts: (parts: [Formula], isAny: Bool) {
        switch self {
        case .leaf: ([], false)
        case .all(let parts): (parts, false)
        case .any(let parts): (parts, true)
        }
    }
}

extension ValueTest {
    /// Whether only some values pass.
    fileprivate var isNarrow: Bool {
        switch self {
        case .notEquals, .notExists: false
        default: true
        }
    }
}

extension String {
    var withoutBlanks: String { String(String.UnicodeScalarView(unicodeScalars.filter { !$0.isBlank })) }
}
