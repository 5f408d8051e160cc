import Audit
import Controls
import Foundation
import Server

extension Command {
    static let audit = Command(
        name: "audit",
        summary: "whether the monitoring controls are in force in an account, from the trail to a confirmed subscriber",
        discussion: [
            "Reads an account through its APIs, at AWS, at `trailwarden serve` or at any other endpoint, and follows the "
                + "chain of the benchmark's audit procedure: a trail of all regions that logs and delivers, the events its "
                + "selectors let through, the filters of its log group, what they publish, the alarms on that metric and "
                + "what it takes for them to ring, their actions, the topic, and a confirmed subscription whose filter "
                + "policy lets the message through. The filters of a log group are judged together and by meaning, as "
                + "`filter covers` does. Every broken link is told with the object that breaks it.",
            "Credentials come from where every AWS tool finds them: the environment, the shared files with profiles and "
                + "roles, a credential process, single sign-on, a web identity, the metadata of a container or an "
                + "instance. Only reads are made; --print-policy prints the permissions they need. What is not allowed "
                + "to be read makes a control unknown, not failed. --save keeps all answers in a file, and --snapshot "
                + "audits such a file, without credentials.",
            "--fail-on says which verdicts make the exit code 1: `partly,not-covered,unknown` if not given; `floods` may "
                + "be added, and a severity, as in `high`, leaves out the controls below it.",
            "Exceptions that are in force at the service of this project are listed, with what they have suppressed, and "
                + "judged: one that also hides callers whom it does not name opens a gap, and its control is partly covered.",
            "--prove tries what the audit finds in force, at the service of this project: it sends each control's sample "
                + "events into the log group, in a stream of their own, waits until the alarm has rung and the message has "
                + "been delivered, and sees that events which only look alike do not count. The subscribers get those "
                + "messages. Then the events, what they have counted, and the states of the alarms are taken back. The "
                + "exit code is 0 when every control is proved.",
        ],
        arguments: [],
        options: AccountAccess.options + [
            .init(name: "--save", value: "FILE", help: "save the answers of the APIs"),
            .init(
                name: "--format", value: AuditFormat.words, help: "text if not given",
                choices: AuditFormat.allCases.map(\.rawValue)),
            .init(name: "--json", help: "the same as --format json"),
            .init(
                name: "--exceptions", value: "FILE",
                help: "judge with these exceptions too, as `serve --exceptions` takes them"),
            .init(name: "--fail-on", value: "VERDICTS", help: "what makes the exit code 1, by comma"),
            .init(
                name: "--prove",
                help: "send sample events down every chain and see who is told; only at `trailwarden serve`"),
            .init(name: "--print-policy", help: "print the IAM policy that an audit needs, and do nothing"),
        ],
        examples: [
            ("trailwarden audit --profile security --region eu-west-1", "an account at AWS"),
            ("trailwarden audit --endpoint-url http://127.0.0.1:4599", "the service of this project"),
            ("trailwarden audit --all-regions --format html > audit.html", "a report for an auditor"),
            ("trailwarden audit --prove --endpoint-url http://127.0.0.1:4599", "every alarm is rung, and silenced"),
        ],
        run: { invocation throws(UsageError) in try AuditCommand(invocation).run() })
}

/// The forms of a report.
enum AuditFormat: String, CaseIterable {
    case text, json, csv, html, ocsf, junit

    static let words = allCases.map(\.rawValue).joined(separator: "|")
}

struct AuditCommand {
    private let invocation: Invocation
    private let format: AuditFormat
    private let failing: Failing

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        let name = invocation.has("--json") ? "json" : invocation.value("--format") ?? "text"
        guard let format = AuditFormat(rawValue: name) else {
            throw UsageError("a format is \(AuditFormat.words), not `\(name)`")
        }
        self.format = format
        failing = try Failing(invocation.value("--fail-on"))
    }

    func run() throws(UsageError) -> ExitStatus {
        if invocation.has("--print-policy") {
            Terminal.print(Self.policy.text(pretty: true))
            return .success
        }
        let access = try AccountAccess(invocation)
        let exceptions = try invocation.value("--exceptions").map { path throws(UsageError) in
            try ExceptionFile.read(path)
        }
        let planner = Planner(
            access.controls, in: access.version, options: RemediationOptions(), exceptions: exceptions ?? [],
            at: Server.SystemClock().now)
        let (plan, report) = planner.plan(access.snapshot, regions: access.regions)
        if let path = invocation.value("--save") {
            do {
                try access.snapshot.text.write(toFile: path, atomically: true, encoding: .utf8)
            } catch {
                throw UsageError("cannot write \(path): \(error.localizedDescription)")
            }
        }
        if invocation.has("--prove") { return try prove(report, access) }
        let now = Date()
        switch format {
        case .text: Terminal.print(AuditText.text(report, plan))
        case .json: Terminal.print(AuditJSON.json(report, plan).text(pretty: true))
        case .csv: Terminal.write(1, AuditCSV.text(report))
        case .html: Terminal.print(AuditHTML.page(report, plan, at: now))
        case .ocsf: Terminal.print(AuditOCSF.findings(report, plan, at: now).text(pretty: true))
        case .junit: Terminal.print(AuditJUnit.text(report))
        }
        return report.results.contains(where: failing.applies) ? .negative : .success
    }

    // MARK: Proving

    private func prove(_ report: AuditReport, _ access: AccountAccess) throws(UsageError) -> ExitStatus {
        guard let client = access.client else { throw UsageError("--prove needs an account, not a snapshot") }
        guard format == .text || format == .json else {
            throw UsageError("--prove reports as text or json, not as \(format.rawValue)")
        }
        let prover = Prover(
            LiveAccount(client: client), name: "trailwarden-prove-\(UUID().uuidString.lowercased())",
            clock: Server.SystemClock()
        ) { Thread.sleep(forTimeInterval: $0) }
        var proofs: [ProofResult] = []
        for result in report.results where result.verdict != .notApplicable {
            StatusLine.show("proving \(result.control.id) …")
            let proof = prover.prove(result)
            StatusLine.clear()
            proofs.append(proof)
            if format == .text { Terminal.print(ProofText.line(proof, report)) }
        }
        if format == .json { Terminal.print(ProofText.json(proofs).text(pretty: true)) }
        return proofs.allSatisfy(\.isProved) ? .success : .negative
    }

    /// What an audit reads (Service Authorization Reference).
    private static let policy = JSON.object([
        ("Version", "2012-10-17"),
        (
            "Statement",
            .array([
                .object([
                    ("Sid", "TrailwardenAudit"), ("Effect", "Allow"),
                    (
                        "Action",
                        .array(
                            [
                                "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus",
                                "cloudtrail:GetEventSelectors",
                                "logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms",
                                "sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes",
                                "securityhub:DescribeHub", "account:ListRegions",
                            ].map(JSON.string))
                    ), ("Resource", "*"),
                ])
            ])
        ),
    ])
}

/// Which verdicts fail an audit.
struct Failing {
    private var verdicts: Set<ControlResult.Verdict> = [.partly, .notCovered, .unknown]
    private var severity = Control.Severity.low

    init(_ text: String?) throws(UsageError) {
        let words = (text ?? "").split(separator: ",").map(String.init)
        var named: Set<ControlResult.Verdict> = []
        for word in words {
            if let severity = Control.Severity(rawValue: word) {
                self.severity = severity
            } else if let verdict = ControlResult.Verdict.allCases.first(where: { $0.word == word }) {
                named.insert(verdict)
            } else if word == "none" {
                verdicts = []
            } else {
                let known = ControlResult.Verdict.allCases.map(\.word) + Control.Severity.allCases.map(\.rawValue)
                throw UsageError(
                    "--fail-on does not know `\(word)`", advice: "these are: \(known.joined(separator: ", ")), none")
            }
        }
        if !named.isEmpty { verdicts = named }
    }

    func applies(to result: ControlResult) -> Bool {
        let order = Control.Severity.allCases
        let isGrave = (order.firstIndex(of: result.control.severity) ?? 0) >= (order.firstIndex(of: severity) ?? 0)
        return isGrave && verdicts.contains(result.verdict)
    }
}

extension ControlResult.Verdict {
    /// One word for options and classes.
    var word: String {
        switch self {
        case .covered: "covered"
        case .floods: "floods"
        case .partly: "partly"
        case .notCovered: "not-covered"
        case .unknown: "unknown"
        case .notApplicable: "not-applicable"
        }
    }
}
