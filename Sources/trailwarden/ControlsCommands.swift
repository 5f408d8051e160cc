import Controls

extension Command {
    static let controlsList = Command(
        name: "controls list",
        summary: "the monitoring controls of the benchmark",
        discussion: [],
        arguments: [],
        options: [
            benchmark, .init(name: "--controls-file", value: "FILE", help: "controls of one's own besides"),
            .init(name: "--json", help: "print a JSON array"),
            .init(name: "--markdown", help: "print the reference of all controls"),
        ],
        examples: [],
        run: { invocation throws(UsageError) in
            let version = try ScanCommand.version(invocation)
            let controls = try ControlFile.selected(invocation, version)
            if invocation.has("--markdown") {
                Terminal.print(ControlReference.all(controls))
            } else if invocation.has("--json") {
                Terminal.print(JSON.array(controls.map { ControlText.json($0, version) }).text(pretty: true))
            } else {
                Terminal.print(ControlText.list(controls, version))
            }
            return .success
        })

    static let controlsShow = Command(
        name: "controls show",
        summary: "one control: what must be seen, and the pattern for it",
        discussion: [],
        arguments: [.init(name: "ID", help: "the id, such as root_usage, or the number in the benchmark")],
        options: [
            benchmark, .init(name: "--controls-file", value: "FILE", help: "controls of one's own besides"),
            .init(name: "--json", help: "print a JSON object"),
            .init(name: "--markdown", help: "print a page of Markdown, with the commands of the remediation"),
        ],
        examples: [("trailwarden controls show 5.15", "by number")],
        run: { invocation throws(UsageError) in
            let version = try ScanCommand.version(invocation)
            let name = invocation.arguments[0]
            let own = try invocation.value("--controls-file").map { path throws(UsageError) in
                try ControlFile.read(path)
            }
            guard let control = own?.first(where: { $0.id == name }) ?? Catalogue.control(name, in: version) else {
                throw UsageError("there is no control `\(name)`", advice: "`trailwarden controls list` shows them")
            }
            if invocation.has("--markdown") {
                Terminal.print(ControlReference.page(control, version))
                return .success
            }
            Terminal.print(
                invocation.has("--json")
                    ? ControlText.json(control, version).text(pretty: true) : ControlText.page(control, version))
            return .success
        })

    static let benchmark = Option(
        name: "--benchmark", value: "VERSION", help: "the version of the benchmark; the newest if not given",
        choices: BenchmarkVersion.allCases.map(\.rawValue))
}

/// Controls for a person and for a program.
enum ControlText {
    static func list(_ controls: [Control], _ version: BenchmarkVersion) -> String {
        let width = controls.map(\.id.count).max() ?? 0
        var lines = [Terminal.bold("CIS AWS Foundations Benchmark \(version.rawValue)"), ""]
        for control in controls {
            lines.append(
                "\((control.number(in: version) ?? "").padded(to: 5)) \(control.id.padded(to: width))  "
                    + "\(control.severity.rawValue.padded(to: 6))  \(control.title)")
        }
        return lines.joined(separator: "\n")
    }

    static func page(_ control: Control, _ version: BenchmarkVersion) -> String {
        let number =
            control.number(in: version).map { "\($0) in version \(version.rawValue)" }
            ?? "not in version \(version.rawValue)"
        var lines = [
            Terminal.bold(control.title), "",
            "id        \(control.id)", "number    \(number)", "level     \(control.level(in: version))",
            "checked   \(control.assessment(in: version).rawValue)", "severity  \(control.severity.rawValue)",
        ]
        lines += control.otherIDs.map { "also      \($0.catalogue) \($0.id)" }
        if control.subject == .events { lines.append("metric    \(control.metricName)") }
        lines.append("")
        lines += (control.summary + " " + control.rationale).wrapped(to: 90)
        lines += ["", Terminal.bold("How to see whether it is in force")]
        for (place, step) in control.auditProcedure.enumerated() {
            let wrapped = step.replacing("`", with: "").wrapped(to: 86)
            lines += wrapped.enumerated().map { ($0.offset == 0 ? "\(place + 1). " : "   ") + $0.element }
        }
        guard control.subject == .events else { return lines.joined(separator: "\n") }
        lines += ["", Terminal.bold("What must be seen"), control.requirement(in: version)]
        lines += ["", Terminal.bold("The pattern of the benchmark"), control.publishedPattern(in: version)]
        lines += ["", Terminal.bold("Sample events")]
        for sample in control.samples {
            lines.append("  \(sample.isRequired ? Terminal.green("must match") : "need not  ")  \(sample.summary)")
        }
        return lines.joined(separator: "\n")
    }

    static func json(_ control: Control, _ version: BenchmarkVersion) -> JSON {
        let numbers = BenchmarkVersion.allCases.compactMap { version in
            control.number(in: version).map { (version.rawValue, JSON.string($0)) }
        }
        let samples = control.samples.map { sample in
            JSON.object([
                ("summary", .string(sample.summary)), ("required", .bool(sample.isRequired)),
                ("event", .string(sample.json)),
            ])
        }
        return .object([
            ("id", .string(control.id)), ("title", .string(control.title)), ("description", .string(control.summary)),
            ("rationale", .string(control.rationale)),
            ("severity", .string(control.severity.rawValue)), ("level", .int(control.level(in: version))),
            ("number", JSON(control.number(in: version))), ("numbers", .object(numbers)),
            ("assessment", .string(control.assessment(in: version).rawValue)),
            ("otherIds", .object(control.otherIDs.map { ($0.catalogue, .string($0.id)) })),
            ("type", .string(control.policyType)), ("category", .string(control.policyCategory)),
            ("similarPolicies", .object(control.similarPolicies.map { ($0.catalogue, .string($0.policy)) })),
            ("audit", .array(control.auditProcedure.map(JSON.string))),
            ("remediation", .array(ControlReference.remediation(control, version).map(JSON.string))),
            ("metricName", .string(control.metricName)), ("requirement", .string(control.requirement(in: version))),
            ("pattern", .string(control.publishedPattern(in: version))), ("samples", .array(samples)),
        ])
    }
}
