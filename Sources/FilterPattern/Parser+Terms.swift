extension PatternText {
    /// `word "a phrase" -excluded ?optional %regex%`
    mutating func termPattern() throws(FilterPatternError) -> ParsedPattern {
        var parsed = ParsedPattern(pattern: .everything)
        var terms: [TermPattern.Term] = []
        while current != nil {
            let start = place
            terms.append(try term())
            parsed.leafPlaces.append(start..<place)
            guard current == nil || current?.isBlank == true else { throw invalidTerm(start) }
            skipBlanks()
        }
        // `""` and `" "` match every message, also one without a blank (User Guide, "Match everything").
        if terms.count == 1, terms[0].role == .include, case .text(let text) = terms[0].atom,
            text.unicodeScalars.allSatisfy(\.isBlank)
        {
            return parsed
        }
        parsed.pattern = .terms(TermPattern(terms))
        return parsed
    }

    private mutating func term() throws(FilterPatternError) -> TermPattern.Term {
        let start = place
        let role: TermPattern.Role
        switch current {
        case "-":
            role = .exclude
            place += 1
            skipBlanks()
        case "?":
            role = .optional
            place += 1
        default: role = .include
        }
        switch current {
        case "\"": return .init(role, .text(try quoted()))
        case "%": return .init(role, .regex(try regex()))
        default: break
        }
        let word = takeWhile(\.isWordCharacter)
        guard !word.isEmpty else { throw invalidTerm(start) }
        return .init(role, .text(word))
    }

    private func invalidTerm(_ start: Int) -> FilterPatternError {
        guard let current else {
            return FilterPatternError(
                "missing-term", at: start..<start + 1, "`\(scalars[start])` is followed by no term")
        }
        var last = place
        while last < end, !scalars[last].isBlank { last += 1 }
        let whole = string(start..<last)
        let advice: String
        let sign = whole.first.map { $0 == "-" || $0 == "?" ? String($0) : "" } ?? ""
        let content = whole.dropFirst(sign.count).filter { $0 != "\"" }
        switch current {
        case "'": advice = "leave out the single quotes; they are for the shell"
        case _ where content.isEmpty: advice = "a term follows `\(sign)` without a blank"
        case _ where current.isCurlyQuote: advice = "replace the curly quotes by straight ones: `\"`"
        case "$": advice = "a pattern on JSON members stands in braces: { \(whole) … }"
        case "{", "[": advice = "a JSON or space-delimited pattern begins with its brace or bracket"
        default:
            advice = "outside quotes only letters, digits and `_` are allowed; write \(sign)\"\(content)\""
        }
        return FilterPatternError(
            .invalidCharacters(String(current)), "character", at: here(),
            "`\(current)` may not stand in a term without quotes",
            advice: advice)
    }
}
