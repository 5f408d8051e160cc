import Audit
import Controls
import Coverage

/// The report for programs.
enum AuditJSON {
    static func json(_ report: AuditReport, _ plan: Plan) -> JSON {
        let results = report.results.map { result -> JSON in
            .object([
                ("control", .string(result.control.id)), ("number", JSON(result.control.number(in: report.benchmark))),
                ("title", .string(result.control.title)), ("severity", .string(result.control.severity.rawValue)),
                ("verdict", .string(result.verdict.rawValue)),
                ("filters", .array(result.filters.map(JSON.string))),
                (
                    "gaps",
                    .array(
                        result.gaps.map { gap in
                            .object([
                                ("name", JSON(gap.name)), ("whole", .bool(gap.isWhole)), ("witness", .raw(gap.witness)),
                                ("lacking", .array(gap.lacking.map { .string("\($0)") })),
                            ])
                        })
                ),
                (
                    "findings",
                    .array(
                        result.findings.map { finding in
                            .object([
                                ("step", .string(finding.step.rawValue)), ("object", .string(finding.object)),
                                ("problem", .string(finding.problem)), ("unknown", .bool(finding.isUnknown)),
                                ("mild", .bool(finding.isMild)),
                            ])
                        })
                ),
            ])
        }
        return .object([
            ("account", .string(report.account)), ("benchmark", .string(report.benchmark.rawValue)),
            ("covered", .bool(report.isCovered)), ("controls", .array(results)), ("remediation", self.plan(plan)),
        ])
    }

    static func plan(_ plan: Plan) -> JSON {
        let steps = plan.entries.map { entry in
            JSON.object([
                ("step", .string(entry.step.words)), ("region", .string(entry.region)),
                ("controls", .array(entry.controls.map(JSON.string))),
            ])
        }
        return .object([
            ("account", .string(plan.account)), ("steps", .array(steps)),
            ("pending", .array(plan.pending.map(JSON.string))),
            ("obstacles", .array(plan.obstacles.map(JSON.string))), ("notes", .array(plan.notes.map(JSON.string))),
        ])
    }
}
