import FilterPattern

/// A diagnostic with the text it is about: the line, a caret under the place, and the advice.
enum DiagnosticText {
    static func show(_ diagnostic: Diagnostic, in text: String) -> String {
        let scalars = Array(text.unicodeScalars).map { $0 == "\n" || $0 == "\r" || $0 == "\t" ? " " : $0 }
        // Of a long pattern the part around the place is shown.
        let width = max(60, min(Terminal.width, 140)) - 4
        let place = min(diagnostic.place.lowerBound, scalars.count)
        let start = scalars.count <= width ? 0 : max(0, min(place - width / 2, scalars.count - width))
        let end = min(scalars.count, start + width)
        var line = String(String.UnicodeScalarView(scalars[start..<end]))
        if start > 0 { line = "…" + line.dropFirst() }
        if end < scalars.count { line = line.dropLast() + "…" }
        let length = max(1, min(diagnostic.place.count, end - place))
        let caret = String(repeating: " ", count: place - start) + "^" + String(repeating: "~", count: length - 1)
        let mark: String =
            switch diagnostic.severity {
            case .error: Terminal.red("error")
            case .warning: Terminal.yellow("warning")
            case .note: "note"
            }
        var lines = [
            "\(mark)[\(diagnostic.code)] column \(place + 1): \(diagnostic.message)", "    \(line)", "    \(caret)",
        ]
        if let advice = diagnostic.advice { lines.append("    \(advice)") }
        return lines.joined(separator: "\n")
    }
}
