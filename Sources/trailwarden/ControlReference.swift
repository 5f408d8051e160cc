import Controls

/// The controls as Markdown: one page each, or all of them as the reference that is part of the documentation.
enum ControlReference {
    static func all(_ controls: [Control]) -> String {
        let head = """
            # The controls

            The monitoring controls of the CIS AWS Foundations Benchmark, as `trailwarden controls list --markdown` prints
            them. Each is a chain from a trail to somebody who is told; `trailwarden audit` follows it.

            | Control | \(BenchmarkVersion.allCases.map(\.rawValue).joined(separator: " | ")) |
            | --- |\(BenchmarkVersion.allCases.map { _ in " --- |" }.joined())
            """
        let rows = controls.map { control in
            let numbers = BenchmarkVersion.allCases.map { control.number(in: $0) ?? "" }
            return "| [\(control.id)](#\(control.id)) | \(numbers.joined(separator: " | ")) |"
        }
        return ([head] + rows).joined(separator: "\n") + "\n\n"
            + controls.map { page($0, .newest, level: 2) }.joined(separator: "\n\n")
    }

    static func page(_ control: Control, _ version: BenchmarkVersion, level: Int = 1) -> String {
        let mark = String(repeating: "#", count: level)
        var lines = ["\(mark) \(control.id)", "", "**\(control.title).** \(control.summary) \(control.rationale)", ""]
        lines += ["| | |", "| --- | --- |"]
        if let number = control.number(in: version) {
            lines.append(
                "| CIS \(version.rawValue) | \(number), level \(control.level(in: version)), "
                    + "\(control.assessment(in: version).rawValue) |")
        }
        lines.append("| Severity | \(control.severity.rawValue) |")
        lines.append("| Type, category | \(control.policyType), \(control.policyCategory) |")
        for other in control.otherIDs { lines.append("| \(other.catalogue) | `\(other.id)` |") }
        for similar in control.similarPolicies { lines.append("| \(similar.catalogue) | \(similar.policy) |") }
        if control.subject == .events { lines.append("| Metric | `CISBenchmark` / `\(control.metricName)` |") }
        lines += ["", "The audit:", ""]
        for (place, step) in control.auditProcedure.enumerated() { lines.append("\(place + 1). \(step)") }
        lines.append("")
        guard control.subject == .events else {
            return (lines + ["The remediation:", "", "```sh"] + remediation(control, version) + ["```"])
                .joined(separator: "\n")
        }
        lines += ["What must be seen:", "", "```", control.requirement(in: version), "```", ""]
        lines += [
            "The pattern that the benchmark tells to deploy:", "", "```", control.publishedPattern(in: version), "```",
            "",
        ]
        lines += ["The remediation:", "", "```sh"] + remediation(control, version) + ["```", "", "Sample events:", ""]
        for sample in control.samples {
            lines.append("- \(sample.isRequired ? "**must be seen**" : "need not be seen"): \(sample.summary)")
        }
        return lines.joined(separator: "\n")
    }

    /// The commands of the benchmark. A pattern never holds a single quote, so it can stand in some.
    static func remediation(_ control: Control, _ version: BenchmarkVersion) -> [String] {
        if control.subject == .securityHub {
            return ["aws securityhub enable-security-hub --region \"$REGION\""]
        }
        return [
            "aws logs put-metric-filter --log-group-name \"$LOG_GROUP\" --filter-name \(control.id) \\",
            "  --metric-transformations metricName=\(control.metricName),metricNamespace=CISBenchmark,metricValue=1 \\",
            "  --filter-pattern '\(control.publishedPattern(in: version))'",
            "aws cloudwatch put-metric-alarm --alarm-name \(control.id) --metric-name \(control.metricName) \\",
            "  --namespace CISBenchmark --statistic Sum --period 300 --threshold 1 --evaluation-periods 1 \\",
            "  --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching \\",
            "  --alarm-actions \"$TOPIC_ARN\"",
        ]
    }
}
