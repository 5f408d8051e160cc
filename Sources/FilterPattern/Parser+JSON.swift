extension PatternText {
    /// `{ … }`
    mutating func jsonPattern() throws(FilterPatternError) -> ParsedPattern {
        let open = place
        guard end - open > 1, scalars[end - 1] == "}" else {
            throw FilterPatternError(
                .missingClosingBrace, "missing-brace", at: open..<open + 1,
                "this `{` has no `}` at the end of the pattern",
                advice: "add ` }` at the end")
        }
        end -= 1
        place += 1
        skipBlanks()
        guard current != nil else {
            throw FilterPatternError(
                "empty-braces", at: open..<end + 1, "nothing between the braces",
                advice: "to match every event, leave the whole pattern empty")
        }
        var parsed = ParsedPattern(pattern: .everything)
        var wildcardSelectors = 0
        let formula: Formula<Condition> = try formula(into: &parsed) { text throws(FilterPatternError) in
            let start = text.place
            let condition = try text.condition()
            if condition.selector.isWildcard { wildcardSelectors += 1 }
            if wildcardSelectors > 3 {
                throw FilterPatternError(
                    "too-many-wildcards", at: start..<text.place,
                    "a fourth selector with `*`, and a pattern may have three")
            }
            return condition
        }
        guard current == nil else { throw unexpectedAfterCondition() }
        parsed.pattern = .json(formula)
        return parsed
    }

    private mutating func condition() throws(FilterPatternError) -> Condition {
        guard current == "$" else { throw missingSelector() }
        let selector = try selector()
        skipBlanks()
        if let test = try comparison() { return Condition(selector, test) }
        return Condition(selector, try keywordTest(selector))
    }

    private func missingSelector() -> FilterPatternError {
        if let current, current.isWordCharacter {
            return FilterPatternError(
                "missing-dollar", at: here(), "a selector begins with `$.`, found \(found())",
                advice: "write `$.` before the name of the field")
        }
        if current == "{" {
            return FilterPatternError(
                "inner-brace", at: here(), "braces stand around the whole pattern only",
                advice: "group with `(` and `)`")
        }
        return FilterPatternError(
            "missing-selector", at: here(), "expected a selector such as `$.eventName`, found \(found())")
    }

    private mutating func selector() throws(FilterPatternError) -> Selector {
        let start = place
        place += 1
        var steps: [Selector.Step] = []
        while let step = try step(first: steps.isEmpty) { steps.append(step) }
        guard !steps.isEmpty else {
            let advice = current?.isKeyCharacter == true ? "write `$.\(string(place..<keyEnd(place)))`" : nil
            throw FilterPatternError(
                advice == nil ? "missing-selector" : "missing-dot", at: start..<place + 1,
                "`$` must be followed by `.` and a name, found \(found())", advice: advice)
        }
        let selector = Selector(steps)
        if steps.filter({ $0 == .anyElement || $0 == .anyMember }).count > 1 {
            throw FilterPatternError(
                "too-many-wildcards", at: start..<place, "a second `*` in one selector, and it may have one")
        }
        return selector
    }

    private func keyEnd(_ start: Int) -> Int {
        var last = start
        while last < end, scalars[last].isKeyCharacter { last += 1 }
        return last
    }

    private mutating func step(first: Bool) throws(FilterPatternError) -> Selector.Step? {
        let start = place
        if current == "." {
            place += 1
            if current == "*" {
                place += 1
                return .anyMember
            }
            if current == "[", scalar(after: 1) == "'" { return try bracketed(start) }
            let key = takeWhile(\.isKeyCharacter)
            guard key.isEmpty else { return .key(key) }
            throw FilterPatternError(
                "missing-key", at: start..<place + 1, "expected the name of a field after `.`, found \(found())",
                advice: current == "."
                    ? "write one period" : current == "\"" ? "other names are written $.['the name']" : nil)
        }
        guard current == "[" else { return nil }
        let step = try bracketed(start)
        if first, case .key = step { return step }
        guard !first else {
            throw FilterPatternError(
                "index-first", at: start..<place, "an event is an object, so a selector begins with a name",
                advice: "as in `$.resources[0]`")
        }
        return step
    }

    /// `[3]`, `[*]` or `['any name']`
    private mutating func bracketed(_ start: Int) throws(FilterPatternError) -> Selector.Step {
        place += 1
        let step: Selector.Step
        switch current {
        case "*":
            place += 1
            step = .anyElement
        case "'":
            place += 1
            step = .key(takeWhile { $0 != "'" })
            guard take("'") else {
                throw FilterPatternError("bad-index", at: start..<place, "the name in `['` is never closed")
            }
        default:
            let digits = takeWhile(\.isDigit)
            guard !digits.isEmpty else {
                throw FilterPatternError(
                    "bad-index", at: start..<place + 1,
                    "expected a number, `*` or a name in single quotes, found \(found())")
            }
            guard let index = Int(digits), index <= Int(Int32.max) else {
                throw FilterPatternError("bad-index", at: start..<place, "no array has an element \(digits)")
            }
            step = .index(index)
        }
        guard take("]") else {
            throw FilterPatternError("bad-index", at: start..<place, "expected `]`, found \(found())")
        }
        return step
    }

    /// `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`
    private mutating func keywordTest(_ selector: Selector) throws(FilterPatternError) -> ValueTest {
        let start = place
        let word = takeWhile(\.isWordCharacter)
        skipBlanks()
        let objectStart = place
        let object = word == "IS" || word == "NOT" ? takeWhile(\.isWordCharacter) : ""
        switch (word, object) {
        case ("IS", "NULL"): return .isNull
        case ("IS", "TRUE"): return .isTrue
        case ("IS", "FALSE"): return .isFalse
        case ("NOT", "EXISTS"): return .notExists
        default: break
        }
        place = objectStart
        throw keywordFault(word, object, at: start..<start + max(word.unicodeScalars.count, 1), selector)
    }

    private func keywordFault(
        _ word: String, _ object: String, at place: Range<Int>, _ selector: Selector
    ) -> FilterPatternError {
        let name = selector.description
        switch (word, object) {
        case ("IS", "NOT"):
            return FilterPatternError(
                "unknown-keyword", at: place, "there is no `IS NOT`",
                advice: "write `\(name) = *` for any text or number, or test the values that may stand there")
        case ("IS", _):
            return FilterPatternError(
                "unknown-keyword", at: place, "`IS` is followed by NULL, TRUE or FALSE",
                advice: "a text or number is compared with `=`")
        case ("NOT", _):
            return FilterPatternError(
                "unknown-keyword", at: place, "`NOT` is followed by EXISTS", advice: "other tests are negated with `!=`"
            )
        case ("EXISTS", _) where name.hasSuffix("NOT"):
            return FilterPatternError(
                "missing-blank", at: place.lowerBound..<place.upperBound,
                "a blank is missing before the `NOT` in front of this",
                advice: "write `\(name.dropLast(3)) NOT EXISTS`")
        case ("EXISTS", _):
            return FilterPatternError(
                "unknown-keyword", at: place, "there is only `NOT EXISTS`",
                advice: "write `\(name) = *` for a field that holds any text or number")
        case ("is", _), ("not", _), ("Is", _), ("Not", _):
            return FilterPatternError(
                "unknown-keyword", at: place, "keywords are written in capitals",
                advice: "IS NULL, IS TRUE, IS FALSE, NOT EXISTS")
        case ("", _):
            return FilterPatternError(
                "missing-operator", at: here(), "expected a comparison after `\(name)`, found \(found())",
                advice: current == "(" || current == nil || current == ")"
                    ? "write `\(name) = *` for a field that holds any text or number" : nil)
        default:
            return FilterPatternError(
                "blank-in-selector", at: place, "expected a comparison after `\(name)`, found `\(word)`",
                advice: "a selector holds no blanks; was this text broken at the end of a line?")
        }
    }
}
