import Controls
import FilterPattern
import TrailMatcher

extension Command {
    private static let pattern = Argument(name: "PATTERN", help: "the filter pattern, in single quotes")

    static let filterCheck = Command(
        name: "filter check",
        summary: "whether a pattern is legal, and what in it was probably not meant",
        discussion: [
            "Says what the service would refuse, with the place and what to write instead, and warns of what is legal but "
                + "surprising. Of a text that a page layout has broken, a repaired form is shown and asked about; "
                + "nothing is ever repaired in silence.",
            "Notes name the open questions of the language (U1, U4 …) that the pattern depends on.",
        ],
        arguments: [pattern],
        options: [
            .init(name: "--repair", help: "print the repaired pattern and nothing else"),
            .init(name: "--json", help: "print a JSON object"),
        ],
        examples: [("trailwarden filter check '{ $eventName = StopLogging }'", "a missing dot")],
        run: { invocation throws(UsageError) in FilterCheck(text: invocation.arguments[0]).run(invocation) })

    static let filterExplain = Command(
        name: "filter explain",
        summary: "what a pattern matches, in plain words and as a tree",
        discussion: [],
        arguments: [pattern],
        options: [.init(name: "--json", help: "print a JSON object")],
        examples: [("trailwarden filter explain '[ip, user, ..., status = 4*, bytes]'", "a space-delimited pattern")],
        run: { invocation throws(UsageError) in
            let text = invocation.arguments[0]
            let explanation = PatternExplanation(try FilterMatch.parse(text))
            if invocation.has("--json") {
                let lines = explanation.lines.map {
                    JSON.object([("depth", .int($0.depth)), ("text", .string($0.text))])
                }
                Terminal.print(
                    JSON.object([
                        ("pattern", .string(text)), ("summary", .string(explanation.summary)), ("tree", .array(lines)),
                    ])
                    .text(pretty: true))
            } else {
                Terminal.print(explanation.text)
            }
            return .success
        })

    static let filterMatch = Command(
        name: "filter match",
        summary: "which lines a pattern matches",
        discussion: [
            "Each line of the files, or of standard input, is one log event. Matching lines are printed as they are; with "
                + "--json each as an object with its number, its text and the fields that the pattern extracts. The exit "
                + "code is 1 when nothing matches."
        ],
        arguments: [
            pattern,
            .init(name: "FILE…", help: "files of lines, or - for standard input", isOptional: true, isFile: true),
        ],
        options: [
            .init(name: "--message", value: "TEXT", help: "match this one message instead of files"),
            .init(name: "--json", help: "print one JSON object a matching line"),
        ],
        examples: [
            ("trailwarden filter match '{ $.eventName = StopLogging }' events.jsonl", "events that stop a trail"),
            ("trailwarden filter match '[level=ERROR, text]' --message 'ERROR disk full' --json", "one message"),
        ],
        run: { invocation throws(UsageError) in try FilterMatch(invocation).run() })

    static let filterTest = Command(
        name: "filter test",
        summary: "unit tests for patterns: which messages they must match",
        discussion: [
            #"Each line of the file is a case: {"pattern": …, "message": …, "match": true} or {"pattern": …, "error": "#
                + #"true}; "extracted" names the fields a space-delimited pattern must extract, and "id" the case. Blank "#
                + "lines and lines that begin with # are passed over.",
            "Prints what failed and why, and how many passed. The exit code is 1 when a case failed.",
        ],
        arguments: [.init(name: "CASES", help: "a file of cases, one JSON object a line, or -", isFile: true)],
        options: [.init(name: "--json", help: "print one JSON object a case, with id, passed and got")],
        examples: [("trailwarden filter test patterns.jsonl", "in a pipeline")],
        run: { invocation throws(UsageError) in
            try FilterTest(path: invocation.arguments[0], json: invocation.has("--json")).run()
        })
}

/// `filter check`
struct FilterCheck {
    let text: String

    func run(_ invocation: Invocation) -> ExitStatus {
        let report = FilterPattern.check(text, .cloudTrail)
        if invocation.has("--json") {
            Terminal.print(json(report).text(pretty: true))
        } else if invocation.has("--repair") {
            if report.isLegal, report.repaired == nil {
                Terminal.print(text)
            } else if let proposal = report.repaired ?? report.shorter {
                Terminal.print(proposal)
                return .success
            } else {
                for diagnostic in report.diagnostics { Terminal.complain(DiagnosticText.show(diagnostic, in: text)) }
            }
        } else {
            show(report)
        }
        return report.isLegal ? .success : .usage
    }

    private func show(_ report: PatternReport) {
        for diagnostic in report.diagnostics { Terminal.print(DiagnosticText.show(diagnostic, in: text) + "\n") }
        if let repaired = report.repaired {
            Terminal.print(Terminal.bold("Was this meant?"))
            Terminal.print("    \(repaired)\n")
            let reason = report.isLegal ? "" : ": the service refuses the one given"
            Terminal.print("If so, use that text\(reason). `filter check --repair` prints it alone.")
        }
        if let shorter = report.shorter {
            let scope = report.isShorterExact ? "The same" : "The same for every known call of the service,"
            Terminal.print(Terminal.bold("\(scope) in \(shorter.unicodeScalars.count) characters:"))
            Terminal.print("    \(shorter)\n")
        }
        guard let pattern = report.pattern else { return }
        let kind =
            switch pattern {
            case .everything: "it matches every event"
            case .terms: "a text pattern"
            case .json: "a JSON pattern"
            case .spaceDelimited: "a space-delimited pattern"
            }
        let length = text.unicodeScalars.count
        Terminal.print("\(Terminal.green("legal")): \(kind), \(length) of \(FilterPattern.maximumLength) characters")
    }

    private func json(_ report: PatternReport) -> JSON {
        let diagnostics = report.diagnostics.map { diagnostic in
            JSON.object([
                ("severity", .string(diagnostic.severity.rawValue)), ("code", .string(diagnostic.code)),
                ("column", .int(diagnostic.place.lowerBound + 1)), ("length", .int(diagnostic.place.count)),
                ("message", .string(diagnostic.message)), ("advice", JSON(diagnostic.advice)),
            ])
        }
        return .object([
            ("legal", .bool(report.isLegal)), ("length", .int(text.unicodeScalars.count)),
            ("pattern", JSON(report.pattern?.description)), ("diagnostics", .array(diagnostics)),
            ("repaired", JSON(report.repaired)), ("shorter", JSON(report.shorter)),
            ("shorterIsExact", .bool(report.isShorterExact)),
        ])
    }
}

extension PatternExplanation {
    /// The sentence, and the tree drawn with lines.
    var text: String {
        var drawn = summary.wrapped(to: min(Terminal.width, 110))
        drawn.append("")
        for (i, line) in lines.enumerated() {
            var prefix = ""
            for depth in 0..<line.depth {
                // Whether a later line continues this level, before one of a lower level ends it.
                let level = depth + 1
                let rest = lines[(i + 1)...].prefix { $0.depth >= level }
                let goesOn = rest.contains { $0.depth == level }
                prefix += level == line.depth ? (goesOn ? "├─ " : "└─ ") : (goesOn ? "│  " : "   ")
            }
            drawn.append(prefix + line.text)
        }
        return drawn.joined(separator: "\n")
    }
}

/// `filter match`
struct FilterMatch {
    private let invocation: Invocation
    private let context: MatchContext

    /// Reads a pattern; a fault is shown with its place.
    static func parse(_ text: String, name: String? = nil) throws(UsageError) -> FilterPattern {
        do {
            return try FilterPattern(text)
        } catch {
            if let name { Terminal.complain("filter `\(name)` is no filter pattern:") }
            Terminal.complain(DiagnosticText.show(error.diagnostic, in: text))
            throw .shown
        }
    }

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        context = MatchContext(TrailMatcher([try Self.parse(invocation.arguments[0])]))
    }

    func run() throws(UsageError) -> ExitStatus {
        var found = false
        if let message = invocation.value("--message") {
            guard invocation.arguments.count == 1 else {
                throw UsageError("`--message` and files exclude each other")
            }
            found = match(Array(message.utf8)[...], number: 1)
        } else {
            let paths = Array(invocation.arguments.dropFirst())
            for path in paths.isEmpty ? ["-"] : paths {
                let lines = try LineReader(path)
                var number = 0
                while let line = try lines.next() {
                    number += 1
                    if match(line, number: number) { found = true }
                }
            }
        }
        return found ? .success : .negative
    }

    private func match(_ line: ArraySlice<UInt8>, number: Int) -> Bool {
        line.withUnsafeBytes { context.match($0) }
        guard !context.matches.isEmpty else { return false }
        if invocation.has("--json") {
            let extracted = context.extractedFields(of: 0).sorted { $0.key < $1.key }
            Terminal.print(
                JSON.object([
                    ("line", .int(number)), ("message", .string(String(decoding: line, as: UTF8.self))),
                    ("extracted", .object(extracted.map { ($0.key, .string($0.value)) })),
                ]).text())
        } else {
            (line + [0x0A]).withUnsafeBytes { Terminal.write(1, $0) }
        }
        return true
    }
}

/// `filter test`
struct FilterTest {
    let path: String
    let json: Bool

    func run() throws(UsageError) -> ExitStatus {
        var passed = 0
        var failed = 0
        let lines = try Files.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        for (i, line) in lines.enumerated() {
            let isBlank = line.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" }
            if isBlank || line.hasPrefix("#") { continue }
            guard let one = Files.testCase(line), one.error == true || (one.message != nil && one.match != nil) else {
                throw UsageError(
                    "\(path): line \(i + 1) is no case",
                    advice: #"expected {"pattern", "message", "match"} or {"pattern", "error": true}"#)
            }
            let outcome = Outcome(one)
            let reason = outcome.fault(of: one)
            if reason == nil { passed += 1 } else { failed += 1 }
            let id = one.id ?? "line \(i + 1)"
            if json {
                Terminal.print(
                    JSON.object([("id", .string(id)), ("passed", .bool(reason == nil)), ("got", outcome.json)]).text())
            } else if let reason {
                Terminal.print("\(Terminal.red("failed")) \(id): \(reason)\n    \(one.pattern)")
                if let message = one.message { Terminal.print("    on \(message.shortened(to: 200))") }
            }
        }
        if passed + failed == 0 { throw UsageError("`\(path)` holds no cases") }
        if !json { Terminal.print("\(passed) passed, \(failed) failed") }
        return failed == 0 ? .success : .negative
    }

    /// What a pattern does with a message.
    private enum Outcome {
        case refused(FilterPatternError)
        case match([String: String])
        case noMatch

        init(_ one: Files.Case) {
            do throws(FilterPatternError) {
                let context = MatchContext(TrailMatcher([try FilterPattern(one.pattern)]))
                Array((one.message ?? "").utf8).withUnsafeBytes { context.match($0) }
                self = context.matches.isEmpty ? .noMatch : .match(context.extractedFields(of: 0))
            } catch {
                self = .refused(error)
            }
        }

        /// Why the case fails, or nil.
        func fault(of one: Files.Case) -> String? {
            switch self {
            case .refused(let error): return one.error == true ? nil : "the pattern is refused: \(error)"
            case .match where one.error == true, .noMatch where one.error == true:
                return "the pattern should be refused"
            case .noMatch: return one.match == true ? "should match and does not" : nil
            case .match(let extracted):
                if one.match != true { return "should not match and does" }
                guard let wanted = one.extracted, wanted != extracted else { return nil }
                return
                    "extracts \(Self.list(extracted)), should extract \(Self.list(wanted))"
            }
        }

        private static func list(_ fields: [String: String]) -> String {
            let texts = fields.sorted { $0.key < $1.key }.map { "\($0.key) = `\($0.value)`" }
            return texts.isEmpty ? "nothing" : texts.joined(separator: ", ")
        }

        var json: JSON {
            switch self {
            case .refused(let error): .object([("error", true), ("reason", .string("\(error)"))])
            case .noMatch: .object([("match", false)])
            case .match(let extracted):
                .object([
                    ("match", true),
                    ("extracted", .object(extracted.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
                ])
            }
        }
    }
}
