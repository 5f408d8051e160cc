import Audit
import Controls
import Coverage
import Foundation
import Remediation

/// The report as compliance findings of the Open Cybersecurity Schema Framework (1.5.0, class 2003), one for each control.
enum AuditOCSF {
    static func findings(_ report: AuditReport, _ plan: Plan, at time: Date) -> JSON {
        .array(report.results.map { finding($0, report, plan, time) })
    }

    private static func finding(
        _ result: ControlResult, _ report: AuditReport, _ plan: Plan, _ time: Date
    ) -> JSON {
        let control = result.control
        let milliseconds = JSON.int(Int(time.timeIntervalSince1970 * 1000))
        let number = control.number(in: report.benchmark) ?? control.id
        let standard = "CIS AWS Foundations Benchmark \(report.benchmark.rawValue)"
        let (status, statusID) = status(result.verdict)
        let (severity, severityID) = severity(control.severity)
        let reasons =
            result.findings.map { "\($0.step.rawValue) \($0.object): \($0.problem)" }
            + result.gaps.map { "not seen: \($0.name ?? "events like") \($0.witness)" }
        let commands = plan.entries(for: control).flatMap {
            CommandLines.commands($0.step, region: $0.region, for: .sh)
        }
        let isOpen = statusID != 1
        return .object([
            ("activity_id", 1), ("activity_name", "Create"), ("category_uid", 2), ("category_name", "Findings"),
            ("class_uid", 2003), ("class_name", "Compliance Finding"), ("type_uid", 200_301),
            ("type_name", "Compliance Finding: Create"), ("time", milliseconds),
            ("severity_id", .int(isOpen ? severityID : 1)), ("severity", .string(isOpen ? severity : "Informational")),
            ("status_id", .int(isOpen ? 1 : 4)), ("status", .string(isOpen ? "New" : "Resolved")),
            ("message", .string("\(number) \(control.title): \(result.verdict.rawValue)")),
            (
                "metadata",
                .object([
                    ("version", "1.5.0"), ("event_code", .string(control.id)),
                    (
                        "product",
                        .object([
                            ("name", "Trailwarden"), ("vendor_name", "Trailwarden"),
                            ("version", .string(Version.number)),
                        ])
                    ), ("profiles", .array(["cloud"])),
                ])
            ),
            (
                "cloud",
                .object([
                    ("provider", "AWS"),
                    ("account", .object([("uid", .string(report.account)), ("type", "AWS Account"), ("type_id", 10)])),
                    ("region", .string(plan.region)),
                ])
            ),
            (
                "finding_info",
                .object([
                    ("uid", .string("trailwarden-\(report.account)-\(report.benchmark.rawValue)-\(control.id)")),
                    ("title", .string(control.title)), ("desc", .string(control.rationale)),
                    ("created_time", milliseconds), ("types", .array([.string(control.policyCategory)])),
                ])
            ),
            (
                "compliance",
                .object([
                    ("control", .string(number)), ("standards", .array([.string(standard)])),
                    ("requirements", .array([.string("\(number) \(control.title)")])),
                    ("status", .string(status)), ("status_id", .int(statusID)),
                    ("status_code", .string(result.verdict.word)),
                    ("status_details", .array(reasons.map(JSON.string))),
                ])
            ),
            (
                "resources",
                .array([
                    .object([
                        ("uid", .string("arn:aws:iam::\(report.account):root")), ("type", "AWS::::Account"),
                        ("name", .string(report.account)), ("region", .string(plan.region)),
                    ])
                ])
            ),
            (
                "remediation",
                .object([
                    (
                        "desc",
                        .string(
                            commands.isEmpty
                                ? plan.obstacles.first ?? "Nothing has to be done." : commands.joined(separator: "\n"))
                    )
                ])
            ),
        ])
    }

    private static func status(_ verdict: ControlResult.Verdict) -> (String, Int) {
        switch verdict {
        case .covered: ("Pass", 1)
        case .floods: ("Warning", 2)
        case .partly, .notCovered: ("Fail", 3)
        case .unknown: ("Unknown", 0)
        case .notApplicable: ("Other", 99)
        }
    }

    private static func severity(_ severity: Control.Severity) -> (String, Int) {
        switch severity {
        case .low: ("Low", 2)
        case .medium: ("Medium", 3)
        case .high: ("High", 4)
        case .critical: ("Critical", 5)
        }
    }
}
