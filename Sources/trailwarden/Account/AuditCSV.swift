import Audit
import Controls
import Coverage

/// The report for spreadsheets (RFC 4180): a line for each finding and each gap, and one for each control without any.
enum AuditCSV {
    static func text(_ report: AuditReport) -> String {
        var rows = [["account", "benchmark", "number", "control", "severity", "verdict", "link", "object", "problem"]]
        for result in report.results {
            let head = [
                report.account, report.benchmark.rawValue, result.control.number(in: report.benchmark) ?? "",
                result.control.id, result.control.severity.rawValue, result.verdict.rawValue,
            ]
            if result.findings.isEmpty, result.gaps.isEmpty { rows.append(head + ["", "", ""]) }
            for finding in result.findings {
                rows.append(head + [finding.step.rawValue, finding.object, finding.problem])
            }
            for gap in result.gaps { rows.append(head + ["gap", gap.name ?? "", gap.witness]) }
        }
        return rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        // A spreadsheet would take these for formulas.
        let text = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } == true ? "'" + text : text
        guard text.unicodeScalars.contains(where: { $0 == "\"" || $0 == "," || $0 == "\r" || $0 == "\n" }) else {
            return text
        }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
