import AWSCore
import AWSWire
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
            "<testsuite name=\"trailwarden audit \(escapedXML(report.account))\" tests=\"\(report.results.count)\" "
                + "failures=\"\(failed.count)\" skipped=\"\(skipped.count)\">",
        ]
        for result in report.results {
            let number = result.control.number(in: report.benchmark) ?? ""
            let head =
                "  <testcase classname=\"CIS \(report.benchmark.rawValue)\" "
                + "name=\"\(escapedXML("\(number) \(result.control.title)"))\""
            let words =
                result.findings.filter { !$0.isMild }.map { "\($0.step.rawValue) \($0.object): \($0.problem)" }
                + result.gaps.map { "not seen: \($0.name ?? "") \($0.witness)" }
            switch result.verdict {
            case .covered, .floods, .notApplicable: lines.append(head + "/>")
            case .unknown:
                lines.append("\(head)><skipped message=\"\(escapedXML(words.joined(separator: "; ")))\"/></testcase>")
            case .partly, .notCovered:
                lines.append(
                    "\(head)><failure message=\"\(result.verdict.rawValue)\">\(escapedXML(words.joined(separator: "\n")))"
                        + "</failure></testcase>")
            }
        }
        return (lines + ["</testsuite>"]).joined(separator: "\n")
    }
}
