/// All there is to say about a text that is meant to be a filter pattern.
public struct PatternReport: Sendable {
    /// Nil when the text is not legal.
    public var pattern: FilterPattern?
    public var diagnostics: [Diagnostic]
    /// For an illegal text what was probably meant. To be shown and asked about, never to be taken in silence.
    public var repaired: String?
    /// For a text that is too long, a shorter one with the same meaning.
    public var shorter: String?
    /// Whether `shorter` means the same for every event; otherwise it does for all names of calls that are known.
    public var isShorterExact = true

    public var isLegal: Bool { pattern != nil }
}

extension FilterPattern {
    /// Reads `text` as the service would, and looks for what was probably not meant.
    public static func check(_ text: String, _ vocabulary: Vocabulary = .none) -> PatternReport {
        let source = PatternText(text)
        do {
            let parsed = try source.parse()
            let lint = Lint(source: source, parsed: parsed, vocabulary: vocabulary)
            var report = PatternReport(pattern: parsed.pattern, diagnostics: lint.diagnostics())
            if report.diagnostics.contains(where: { $0.code == "broken-name" }) {
                report.repaired = Repair(vocabulary).repair(text)
            }
            return report
        } catch {
            var report = PatternReport(diagnostics: [error.diagnostic])
            if error.fault == .tooLong {
                let shorter = shorterText(source, vocabulary)
                report.shorter = shorter?.text
                report.isShorterExact = shorter?.isExact ?? true
            } else {
                report.repaired = Repair(vocabulary).repair(text)
            }
            return report
        }
    }

    private static func shorterText(
        _ source: PatternText, _ vocabulary: Vocabulary
    ) -> (text: String, isExact: Bool)? {
        guard let parsed = try? source.parse(limit: .max) else { return nil }
        return parsed.pattern.shortened(vocabulary)
    }
}
