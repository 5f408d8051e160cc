/// Mends what page layouts, word processors and missing keystrokes do to patterns.
///
/// Each step mends the first fault in the one way that its kind suggests; the result is only ever a proposal.
struct Repair {
    private let vocabulary: Vocabulary

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// A legal text near `text`, or nil when the faults are of another kind.
    func repair(_ text: String) -> String? {
        var scalars = Array(text.unicodeScalars)
        // Each step mends one fault, and a pattern has no more faults than conditions.
        for _ in 0..<200 {
            do {
                let parsed = try PatternText(String(String.UnicodeScalarView(scalars))).parse(limit: .max)
                return withQuotedNamesJoined(scalars, parsed)
            } catch {
                guard let mended = mend(scalars, error.diagnostic), mended != scalars else { return nil }
                scalars = mended
            }
        }
        return nil
    }

    /// Names of calls that were broken inside their quotation marks, which is legal and matches nothing.
    private func withQuotedNamesJoined(_ text: [Unicode.Scalar], _ parsed: ParsedPattern) -> String {
        var mended = text
        // From the last to the first, so that the places before stay right.
        for place in parsed.leafPlaces.reversed() {
            guard let open = mended[place].firstIndex(of: "\""), let close = mended[place].lastIndex(of: "\""),
                open < close
            else { continue }
            let name = String(String.UnicodeScalarView(mended[(open + 1)..<close]))
            let joined = name.withoutBlanks
            if joined != name, vocabulary.knowsEventName(joined) {
                mended.replaceSubrange((open + 1)..<close, with: Array(joined.unicodeScalars))
            }
        }
        return String(String.UnicodeScalarView(mended))
    }

    private func mend(_ text: [Unicode.Scalar], _ fault: Diagnostic) -> [Unicode.Scalar]? {
        var mended = text
        let place = fault.place.lowerBound
        switch fault.code {
        case "curly-quote": return straightened(text)
        case "character":
            if fault.place.contains(where: { $0 < text.count && text[$0].isCurlyQuote }) { return straightened(text) }
            guard place < text.count, text[place] == "\"" else { return nil }
            // `= AcceptHandshake")`: a quotation mark closes what none opened.
            var start = place
            while start > 0, text[start - 1].isBareCharacter { start -= 1 }
            mended.insert("\"", at: start)
        case "single-quote":
            guard let close = text[(place + 1)...].firstIndex(of: "'") else { return nil }
            mended[place] = "\""
            mended[close] = "\""
        case "missing-dot": mended.insert(".", at: place + 1)
        case "missing-key":
            guard place + 1 < text.count, text[place + 1] == "." else { return nil }
            mended.remove(at: place)
        case "double-equals", "single-operator":
            if fault.code == "double-equals" { mended.remove(at: place) } else { mended.insert(text[place], at: place) }
        case "missing-blank", "unknown-keyword", "missing-operator", "blank-in-selector", "missing-selector":
            return separated(text, place) ?? joined(text, place)
        case "expected-operator": return joined(text, place)
        default: return nil
        }
        return mended
    }

    private func straightened(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        text.map { $0.isCurlyQuote ? "\"" : $0 }
    }

    /// Without the blanks before `place`, where the words on both sides make a known one.
    private func joined(_ text: [Unicode.Scalar], _ place: Int) -> [Unicode.Scalar]? {
        var gap = place
        while gap > 0, text[gap - 1].isBlank { gap -= 1 }
        guard gap < place, gap > 0 else { return nil }
        var start = gap
        while start > 0, text[start - 1].isKeyCharacter { start -= 1 }
        var end = place
        while end < text.count, text[end].isKeyCharacter { end += 1 }
        let word = String(String.UnicodeScalarView(text[start..<gap] + text[place..<end]))
        let isSelector = start > 0 && text[start - 1] == "."
        let isKnown = isSelector ? vocabulary.fields.contains(word) : vocabulary.knowsEventName(word)
        guard isKnown else { return nil }
        return Array(text[..<gap] + text[place...])
    }

    /// With a blank before a keyword that was written to the name: `invokedByNOT EXISTS`.
    private func separated(_ text: [Unicode.Scalar], _ place: Int) -> [Unicode.Scalar]? {
        var gap = place
        while gap > 0, text[gap - 1].isBlank { gap -= 1 }
        for keyword in ["NOT", "IS"] {
            let start = gap - keyword.unicodeScalars.count
            guard start > 0, text[start..<gap].elementsEqual(keyword.unicodeScalars), text[start - 1].isKeyCharacter
            else {
                continue
            }
            return Array(text[..<start] + [" "] + text[start...])
        }
        return nil
    }
}
