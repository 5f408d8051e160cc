extension PatternText {
    /// `[ field, field, … ]`
    mutating func spaceDelimitedPattern() throws(FilterPatternError) -> ParsedPattern {
        let open = place
        guard end - open > 1, scalars[end - 1] == "]" else {
            throw FilterPatternError(
                "missing-bracket", at: open..<open + 1, "this `[` has no `]` at the end of the pattern",
                advice: "add `]` at the end")
        }
        end -= 1
        place += 1
        skipBlanks()
        var parsed = ParsedPattern(pattern: .everything)
        var fields: [SpaceDelimitedPattern.Field] = []
        if current != nil {
            repeat {
                skipBlanks()
                let start = place
                let field = try field(into: &parsed)
                if field == .ellipsis, fields.contains(.ellipsis) {
                    throw FilterPatternError(
                        "second-ellipsis", at: start..<place, "a second `...`, and a pattern may have one")
                }
                fields.append(field)
                skipBlanks()
            } while take(",")
        }
        guard current == nil else { throw unexpectedAfterField() }
        parsed.pattern = .spaceDelimited(SpaceDelimitedPattern(fields))
        return parsed
    }

    private mutating func field(into parsed: inout ParsedPattern) throws(FilterPatternError)
        -> SpaceDelimitedPattern.Field
    {
        guard let first = current, first != "," else { return .unnamed }
        if first == ".", scalar(after: 1) == ".", scalar(after: 2) == "." {
            place += 3
            return .ellipsis
        }
        let start = place
        let name = takeWhile(\.isKeyCharacter)
        skipBlanks()
        if !name.isEmpty, current == nil || current == "," { return .named(name) }
        place = start
        var fieldName: String?
        let tests: Formula<ValueTest> = try formula(into: &parsed) { text throws(FilterPatternError) in
            try text.fieldTest(&fieldName)
        }
        return .tested(name: fieldName ?? name, tests)
    }

    private mutating func fieldTest(_ fieldName: inout String?) throws(FilterPatternError) -> ValueTest {
        let start = place
        let name = takeWhile(\.isKeyCharacter)
        guard !name.isEmpty else {
            throw FilterPatternError(
                "missing-field", at: here(), "expected the name of a field, found \(found())",
                advice: "names hold letters, digits, `-` and `_`, and fields are separated by commas")
        }
        if let expected = fieldName, expected != name {
            throw FilterPatternError(
                "other-field", at: start..<place, "a condition on `\(name)` in the place of field `\(expected)`",
                advice: "separate the fields by a comma; each place tests its own field only")
        }
        fieldName = name
        skipBlanks()
        guard let test = try comparison() else {
            if let current, current.isKeyCharacter { throw unexpectedAfterField() }
            throw FilterPatternError(
                "missing-operator", at: here(), "expected a comparison after `\(name)`, found \(found())")
        }
        return test
    }

    private func unexpectedAfterField() -> FilterPatternError {
        guard let current, current.isKeyCharacter else { return unexpectedAfterCondition() }
        return FilterPatternError(
            "missing-comma", at: here(), "expected `,` or `]`, found \(found())",
            advice: "fields are separated by commas, and a text with a blank needs quotes")
    }
}
