import Audit
import Controls
import Coverage

/// The report for pipelines that show tests: a control is a test case.
enum AuditJUnit {
    static func text(_ report: AuditReport) -> String {
        let failed = report.results.filter { $0.verdict == .notCovered || $0.verdict == .partly }
        let skipped = report.results.filter { $0.verdict == .unknown }
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuite name=\"trailwarden audit \(escaped(report.account))\" tests=\"\(report.results.count)\" "
                + "failures=\"\(failed.count)\" skipped=\"\(skipped.count)\">",
        ]
        for result in report.results {
            let number = result.control.number(in: report.benchmark) ?? ""
            let head =
                "  <testcase classname=\"CIS \(report.benchmark.rawValue)\" "
                + "name=\"\(escaped("\(number) \(result.control.title)"))\""
            let words =
                result.findings.filter { !$0.isMild }.map { "\($0.step.rawValue) \($0.object): \($0.problem)" }
                + result.gaps.map { "not seen: \($0.name ?? "") \($0.witness)" }
            switch result.verdict {
            case .covered, .floods, .notApplicable: lines.append(head + "/>")
            case .unknown:
                lines.append("\(head)><skipped message=\"\(escaped(words.joined(separator: "; ")))\"/></testcase>")
            case .partly, .notCovered:
                lines.append(
                    "\(head)><failure message=\"\(result.verdict.rawValue)\">\(escaped(words.joined(separator: "\n")))"
                        + "</failure></testcase>")
            }
        }
        return (lines + ["</testsuite>"]).joined(separator: "\n")
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        // By scalars: a quote with an accent is a quote still.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // XML has no way to write the others.
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
