import Controls
import Coverage
import FilterPattern

extension Command {
    static let filterCovers = Command(
        name: "filter covers",
        summary: "whether filters see every event that a control requires, by logic and not by their text",
        discussion: [
            "The patterns are judged together, as a log group's filters are: what one leaves out another may see. The answer "
                + "is covers, partly or none, each gap with the smallest event that shows it; invalid when no pattern is "
                + "legal; or unknown, with the reason. It is never a yes that could be wrong.",
            "Besides logic it rests on a few facts about CloudTrail, such as that every event has a name, and tells which of "
                + "them it needed. `--without` leaves facts out.",
            "The exit code is 0 only when the control is covered.",
        ],
        arguments: [.init(name: "PATTERN…", help: "the patterns of the filters, each in single quotes")],
        options: [
            .init(name: "--control", value: "ID", help: "the control, by its id or its number"),
            .init(name: "--controls-file", value: "FILE", help: "controls of one's own, as `controls show --json`"),
            benchmark,
            .init(name: "--without", value: "FACTS", help: "facts not to rely on, by id and comma, or all"),
            .init(name: "--json", help: "print a JSON object"),
        ],
        examples: [
            (
                "trailwarden filter covers --control cloudtrail_cfg_changes '{ $.eventName = \"*Trail\" }'",
                "names what is not seen"
            )
        ],
        run: { invocation throws(UsageError) in try FilterCovers(invocation).run() })

    static let filterCompare = Command(
        name: "filter compare",
        summary: "whether two patterns mean the same, or an event that only one of them matches",
        discussion: [
            "Decides for all events there could be. The exit code is 0 when the patterns are equivalent."
        ],
        arguments: [
            .init(name: "A", help: "a filter pattern, in single quotes"),
            .init(name: "B", help: "another one"),
        ],
        options: [.init(name: "--json", help: "print a JSON object")],
        examples: [
            (#"trailwarden filter compare '{ $.a != "x" }' '{ $.a = * }'"#, "not the same: the first excludes x")
        ],
        run: { invocation throws(UsageError) in
            let first = try FilterMatch.parse(invocation.arguments[0])
            let second = try FilterMatch.parse(invocation.arguments[1])
            return FilterCompare(comparison: PatternComparison(first, second)).run(json: invocation.has("--json"))
        })
}

/// `filter covers`
struct FilterCovers {
    let control: Control
    let version: BenchmarkVersion
    let texts: [String]
    let facts: [DomainFact]
    let printsJSON: Bool

    init(_ invocation: Invocation) throws(UsageError) {
        version = try ScanCommand.version(invocation)
        guard let name = invocation.value("--control") else {
            throw UsageError("--control says what must be covered", advice: "`trailwarden controls list` shows them")
        }
        let controls = try ControlFile.selected(invocation, version)
        guard controls.count == 1, let control = controls.first, control.subject == .events else {
            throw UsageError("`\(name)` is not one control that is about events")
        }
        self.control = control
        texts = invocation.arguments
        printsJSON = invocation.has("--json")
        let without = (invocation.value("--without") ?? "").split(separator: ",").map(String.init)
        for name in without where name != "all" && !DomainFact.cloudTrail.contains(where: { $0.id == name }) {
            throw UsageError(
                "there is no fact `\(name)`",
                advice: "these are: " + DomainFact.cloudTrail.map(\.id).joined(separator: ", "))
        }
        facts = without.contains("all") ? [] : DomainFact.cloudTrail.filter { !without.contains($0.id) }
    }

    func run() -> ExitStatus {
        var patterns: [FilterPattern?] = []
        for text in texts {
            do throws(FilterPatternError) {
                patterns.append(try FilterPattern(text))
            } catch {
                patterns.append(nil)
                if !printsJSON { Terminal.complain(DiagnosticText.show(error.diagnostic, in: text)) }
            }
        }
        let coverage = Coverage(of: control, in: version, by: patterns, facts: facts)
        Terminal.print(printsJSON ? json(coverage).text(pretty: true) : text(coverage))
        switch coverage.verdict {
        case .covers: return .success
        case .invalid: return .usage
        case .partly, .none, .unknown: return .negative
        }
    }

    private func json(_ coverage: Coverage) -> JSON {
        let gaps = coverage.gaps.map { gap in
            JSON.object([
                ("name", JSON(gap.name)), ("whole", .bool(gap.isWhole)), ("witness", .raw(gap.witness)),
                ("lacking", .array(gap.lacking.map { .string("\($0)") })),
            ])
        }
        return .object([
            ("control", .string(control.id)), ("benchmark", .string(version.rawValue)),
            ("verdict", .string(coverage.verdict.rawValue)),
            ("missing", .array(coverage.missing.map(JSON.string))), ("floods", .bool(coverage.floods)),
            ("witness", coverage.gaps.first.map { .raw($0.witness) } ?? .null), ("gaps", .array(gaps)),
            ("facts", .array(coverage.facts.map { .string($0.id) })),
            ("reason", JSON(coverage.reason)),
        ])
    }

    private func text(_ coverage: Coverage) -> String {
        let name = "\(control.number(in: version) ?? "") \(control.id) (CIS \(version.rawValue))"
        var lines: [String] = []
        switch coverage.verdict {
        case .covers: lines.append("\(Terminal.green("covers")): every event that \(name) requires is seen")
        case .partly: lines.append("\(Terminal.yellow("partly")): some events that \(name) requires are not seen")
        case .none: lines.append("\(Terminal.red("none")): no event that \(name) requires is seen")
        case .invalid:
            lines.append("\(Terminal.red("invalid")): the service refuses the pattern, so there is no filter")
        case .unknown: lines.append("\(Terminal.yellow("unknown")): \(coverage.reason ?? "")")
        }
        for gap in coverage.gaps {
            let what = gap.name.map { $0 + (gap.isWhole ? "" : ", not always") } ?? "for example"
            lines += ["", "  not seen: \(Terminal.bold(what))", "    \(gap.witness)"]
            for selector in gap.lacking {
                lines.append("    events without \(selector), of which every comparison is false")
            }
        }
        if coverage.floods {
            lines += [
                "", "  \(Terminal.yellow("floods")): it matches most other events too, so its alarm says nothing",
            ]
        }
        if !coverage.facts.isEmpty {
            lines += ["", "  This rests on"] + coverage.facts.map { "    \($0.statement) (\($0.id))" }
        }
        for text in redundant(coverage) { lines += ["", "  It would be covered without: \(text)"] }
        return lines.joined(separator: "\n")
    }

    private func redundant(_ coverage: Coverage) -> [String] {
        guard coverage.verdict == .covers else { return [] }
        let legal = texts.compactMap { text in (try? FilterPattern(text)).map { (text, $0) } }
        return Coverage.redundant(for: control, in: version, among: legal.map(\.1), facts: facts).map { legal[$0].0 }
    }
}

/// `filter compare`
struct FilterCompare {
    let comparison: PatternComparison

    func run(json: Bool) -> ExitStatus {
        Terminal.print(json ? object.text(pretty: true) : text)
        return comparison.isEquivalent ? .success : .negative
    }

    private var relation: String {
        if case .unknown = comparison.onlyFirst { return "unknown" }
        if case .unknown = comparison.onlySecond { return "unknown" }
        if comparison.isEquivalent { return "equivalent" }
        if comparison.firstImpliesSecond { return "A implies B" }
        if comparison.secondImpliesFirst { return "B implies A" }
        return comparison.isDisjoint ? "disjoint" : "overlapping"
    }

    private var object: JSON {
        func event(_ answer: LogicAnswer) -> JSON {
            if case .example(let event) = answer { .raw(event) } else { .null }
        }
        func reason(_ answer: LogicAnswer) -> String? { if case .unknown(let why) = answer { why } else { nil } }
        return .object([
            ("relation", .string(relation)), ("equivalent", .bool(comparison.isEquivalent)),
            ("onlyA", event(comparison.onlyFirst)), ("onlyB", event(comparison.onlySecond)),
            ("both", event(comparison.both)),
            ("reason", JSON(reason(comparison.onlyFirst) ?? reason(comparison.onlySecond))),
        ])
    }

    private var text: String {
        var lines: [String] = []
        switch relation {
        case "equivalent": lines.append("\(Terminal.green("equivalent")): both match the same events")
        case "A implies B": lines.append("A implies B: what A matches B matches too, and more")
        case "B implies A": lines.append("B implies A: what B matches A matches too, and more")
        case "disjoint": lines.append("disjoint: no event matches both")
        case "overlapping": lines.append("overlapping: each matches events that the other does not")
        default: lines.append("\(Terminal.yellow("unknown")): how they are related could not be decided")
        }
        for (name, answer) in [("A", comparison.onlyFirst), ("B", comparison.onlySecond)] {
            switch answer {
            case .none: break
            case .example(let event): lines.append("  only \(name) matches: \(event)")
            case .unknown(let reason): lines.append("  whether only \(name) matches something is unknown: \(reason)")
            }
        }
        return lines.joined(separator: "\n")
    }
}
