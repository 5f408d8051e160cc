import Audit
import Controls
import Coverage

/// The report for a person: one line for each control, then what is broken along the chain, then each gap with an event
/// that shows it, and what mends it.
enum AuditText {
    static func text(_ report: AuditReport, _ plan: Plan) -> String {
        var lines = [
            Terminal.bold("Account \(report.account), CIS AWS Foundations Benchmark \(report.benchmark.rawValue)"), "",
        ]
        let width = report.results.map(\.control.id.count).max() ?? 0
        for result in report.results {
            let number = result.control.number(in: report.benchmark) ?? ""
            lines.append(
                "\(number.padded(to: 5)) \(result.control.id.padded(to: width))  \(coloured(result.verdict))")
        }
        // What is wrong with many controls for one reason is told once.
        var told: [(finding: Finding, controls: [String])] = []
        for result in report.results where result.verdict != .covered || result.findings.contains(where: \.isMild) {
            let number = result.control.number(in: report.benchmark) ?? result.control.id
            for finding in result.findings {
                if let place = told.firstIndex(where: { $0.finding == finding }) {
                    if told[place].controls.last != number { told[place].controls.append(number) }
                } else {
                    told.append((finding, [number]))
                }
            }
        }
        if !told.isEmpty { lines += ["", Terminal.bold("Along the chain")] }
        // And what is wrong with many objects alike.
        while let (finding, controls) = told.first {
            let alike = told.filter {
                $0.controls == controls && $0.finding.problem == finding.problem && $0.finding.step == finding.step
            }
            told.removeAll { entry in alike.contains { $0.finding == entry.finding } }
            let mark = finding.isUnknown ? Terminal.yellow("?") : finding.isMild ? "-" : Terminal.red("x")
            let objects = alike.map(\.finding.object).joined(separator: ", ")
            lines.append("  \(mark) \(finding.step.rawValue) \(objects)")
            lines.append("      \(finding.problem) (\(numbers(controls, report)))")
        }
        for result in report.results where !result.gaps.isEmpty {
            let number = result.control.number(in: report.benchmark) ?? ""
            lines += ["", Terminal.bold("\(number) \(result.control.title): nobody is told of")]
            for gap in result.gaps {
                let name = gap.name.map { $0 + (gap.isWhole ? "" : " (not always)") } ?? "events like"
                lines.append("  \(name)  \(Terminal.dim(gap.witness))")
                for selector in gap.lacking { lines.append("      events without \(selector)") }
            }
            for entry in plan.entries(for: result.control) { lines.append("  + \(entry.step.words)") }
        }
        lines += remedy(report, plan)
        let covered = report.results.filter { $0.verdict == .covered || $0.verdict == .floods }.count
        lines += ["", "\(covered) of \(report.applicable.count) controls are covered"]
        return lines.joined(separator: "\n")
    }

    /// What mends it, as a person would say it.
    private static func remedy(_ report: AuditReport, _ plan: Plan) -> [String] {
        var lines: [String] = []
        if !plan.entries.isEmpty { lines += ["", Terminal.bold("What mends it")] }
        // Filters and alarms are many and alike.
        var alike: [(words: String, controls: [String])] = []
        for entry in plan.entries {
            let numbers = entry.controls.map { id in
                report.results.first { $0.control.id == id }?.control.number(in: report.benchmark) ?? id
            }
            let words =
                switch entry.step {
                case .putMetricFilter(let filter): "make a metric filter on \(filter.logGroup) for"
                case .putMetricAlarm(let alarm): "make an alarm that tells \(alarm.topic) for"
                case .enableSecurityHub: "switch Security Hub on where it is off:"
                default: ""
                }
            if let place = alike.firstIndex(where: { $0.words == words }) {
                alike[place].controls += numbers
            } else if !words.isEmpty {
                alike.append((words, numbers))
            } else {
                lines.append("  + \(entry.step.words) (\(self.numbers(numbers, report)))")
            }
        }
        for (words, controls) in alike { lines.append("  + \(words) \(numbers(controls, report))") }
        if !plan.entries.isEmpty {
            lines.append(
                Terminal.dim("    trailwarden remediate --print cli|terraform|cloudformation, or --apply"))
        }
        for endpoint in plan.pending { lines.append("  ! \(endpoint) must confirm the subscription") }
        for words in plan.obstacles { lines.append("  ! \(words)") }
        return lines
    }

    /// Numbers of controls, neighbours as a range: `5.1 to 5.4, 5.9`.
    private static func numbers(_ numbers: [String], _ report: AuditReport) -> String {
        let all = report.results.map { $0.control.number(in: report.benchmark) ?? $0.control.id }
        let places = Set(numbers.compactMap { all.firstIndex(of: $0) }).sorted()
        var ranges: [ClosedRange<Int>] = []
        for place in places {
            if let last = ranges.last, last.upperBound + 1 == place {
                ranges[ranges.count - 1] = last.lowerBound...place
            } else {
                ranges.append(place...place)
            }
        }
        return ranges.map { range in
            switch range.count {
            case 1: all[range.lowerBound]
            case 2: "\(all[range.lowerBound]), \(all[range.upperBound])"
            default: "\(all[range.lowerBound]) to \(all[range.upperBound])"
            }
        }.joined(separator: ", ")
    }

    private static func coloured(_ verdict: ControlResult.Verdict) -> String {
        switch verdict {
        case .covered: Terminal.green(verdict.rawValue)
        case .floods, .partly, .unknown: Terminal.yellow(verdict.rawValue)
        case .notCovered: Terminal.red(verdict.rawValue)
        case .notApplicable: Terminal.dim(verdict.rawValue)
        }
    }
}

extension AuditReport {
    /// The controls that there is something to judge of.
    var applicable: [ControlResult] { results.filter { $0.verdict != .notApplicable } }
}
