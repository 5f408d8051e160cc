import AWSClient
import AWSCore
import Audit
import Controls
import Coverage
import Foundation
import Server
import WireValues

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
            "Credentials come from the environment or from a profile of the shared files. Only reads are made; "
                + "--print-policy prints the permissions they need. What is not allowed to be read makes a control "
                + "unknown, not failed. --save keeps all answers in a file, and --snapshot audits such a file, without "
                + "credentials.",
            "The exit code is 0 only when every control asked for is covered.",
        ],
        arguments: [],
        options: [
            .init(name: "--endpoint-url", value: "URL", help: "where the APIs are; AWS if not given"),
            .init(name: "--profile", value: "NAME", help: "the profile of the shared files"),
            .init(name: "--region", value: "REGIONS", help: "regions to look for trails in, by comma"),
            benchmark,
            .init(name: "--control", value: "IDS", help: "controls by id or number, by comma; all if not given"),
            .init(name: "--snapshot", value: "FILE", help: "audit what was saved, and read nothing else"),
            .init(name: "--save", value: "FILE", help: "save the answers of the APIs"),
            .init(
                name: "--format", value: "text|json|junit", help: "text if not given",
                choices: ["text", "json", "junit"]),
            .init(name: "--json", help: "the same as --format json"),
            .init(name: "--print-policy", help: "print the IAM policy that an audit needs, and do nothing"),
        ],
        examples: [
            ("trailwarden audit --profile security --region eu-west-1", "an account at AWS"),
            ("trailwarden audit --endpoint-url http://127.0.0.1:4599", "the service of this project"),
        ],
        run: { invocation throws(UsageError) in try AuditCommand(invocation).run() })
}

struct AuditCommand {
    private let invocation: Invocation
    private let version: BenchmarkVersion
    private let controls: [Control]

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        version = try ScanCommand.version(invocation)
        var controls: [Control] = []
        for name in (invocation.value("--control") ?? "").split(separator: ",").map(String.init) {
            guard let control = Catalogue.control(name, in: version) else {
                throw UsageError("there is no control `\(name)`", advice: "`trailwarden controls list` shows them")
            }
            controls.append(control)
        }
        let version = version
        self.controls = controls.isEmpty ? Catalogue.controls.filter { $0.number(in: version) != nil } : controls
    }

    func run() throws(UsageError) -> ExitStatus {
        if invocation.has("--print-policy") {
            Terminal.print(Self.policy.text(pretty: true))
            return .success
        }
        let format = invocation.has("--json") ? "json" : invocation.value("--format") ?? "text"
        guard ["text", "json", "junit"].contains(format) else {
            throw UsageError("a format is text, json or junit, not `\(format)`")
        }
        let audit = Audit(controls, in: version)
        let (snapshot, regions) = try reader()
        let report = audit.run(snapshot, regions: regions)
        if let path = invocation.value("--save") {
            do {
                try snapshot.text.write(toFile: path, atomically: true, encoding: .utf8)
            } catch {
                throw UsageError("cannot write \(path): \(error.localizedDescription)")
            }
        }
        switch format {
        case "json": Terminal.print(AuditText.json(report).text(pretty: true))
        case "junit": Terminal.print(AuditText.junit(report))
        default: Terminal.print(AuditText.text(report))
        }
        return report.isCovered ? .success : .negative
    }

    private func reader() throws(UsageError) -> (AccountSnapshot, [String]) {
        let environment = ProcessInfo.processInfo.environment
        var regions = (invocation.value("--region") ?? "").split(separator: ",").map(String.init)
        if let path = invocation.value("--snapshot") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("cannot read the snapshot \(path)")
            }
            do throws(AccountSnapshot.FormatError) {
                let snapshot = try AccountSnapshot(text)
                return (snapshot, regions.isEmpty ? snapshot.regions : regions)
            } catch {
                throw UsageError("\(path): \(error.description)")
            }
        }
        do throws(CredentialsError) {
            let named = invocation.value("--profile")
            let shared = try SharedConfiguration(profile: named, environment: environment) {
                try? String(contentsOfFile: $0, encoding: .utf8)
            }
            if regions.isEmpty { regions = [shared.region ?? "us-east-1"] }
            let endpoint = invocation.value("--endpoint-url") ?? shared.endpoint
            let clock = Server.SystemClock()
            let chain = CredentialsChain(
                shared, endpoint: endpoint, region: regions[0], clock: clock, run: Shell.output, ask: Shell.code)
            let client = AWSClient(endpoint: endpoint, credentials: try chain.credentials(), clock: clock) {
                Thread.sleep(forTimeInterval: $0)
            }
            return (AccountSnapshot(recording: LiveAccount(client: client)), regions)
        } catch {
            throw UsageError(error.description)
        }
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
                            ].map(JSON.string))
                    ), ("Resource", "*"),
                ])
            ])
        ),
    ])
}

/// An account read through its APIs.
private struct LiveAccount: AccountReader {
    let client: AWSClient

    func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue {
        if Terminal.errorIsTerminal {
            Terminal.write(2, "\r\u{1B}[Kreading \(service) \(operation) in \(region) …")
        }
        defer { if Terminal.errorIsTerminal { Terminal.write(2, "\r\u{1B}[K") } }
        do throws(AWSClient.Failure) {
            return try client.call(service, operation, input, region: region)
        } catch {
            throw ReadFailure(
                code: error.code, message: error.message, action: ReadFailure.action(service, operation))
        }
    }
}

/// The report for a person and for programs.
enum AuditText {
    static func text(_ report: AuditReport) -> String {
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
        for (finding, controls) in told {
            let mark = finding.isUnknown ? Terminal.yellow("?") : finding.isMild ? "-" : Terminal.red("x")
            let which = controls.count == report.results.count ? "all controls" : controls.joined(separator: ", ")
            lines.append("  \(mark) \(finding.step.rawValue) \(finding.object)")
            lines.append("      \(finding.problem) (\(which))")
        }
        for result in report.results where !result.gaps.isEmpty {
            let number = result.control.number(in: report.benchmark) ?? ""
            lines += ["", Terminal.bold("\(number) \(result.control.title): nobody is told of")]
            for gap in result.gaps {
                let name = gap.name.map { $0 + (gap.isWhole ? "" : " (not always)") } ?? "events like"
                lines.append("  \(name)  \(Terminal.dim(gap.witness))")
                for selector in gap.lacking { lines.append("      events without \(selector)") }
            }
        }
        let covered = report.results.filter { $0.verdict == .covered || $0.verdict == .floods }.count
        lines += ["", "\(covered) of \(report.results.count) controls are covered"]
        return lines.joined(separator: "\n")
    }

    private static func coloured(_ verdict: ControlResult.Verdict) -> String {
        switch verdict {
        case .covered: Terminal.green(verdict.rawValue)
        case .floods, .partly, .unknown: Terminal.yellow(verdict.rawValue)
        case .notCovered: Terminal.red(verdict.rawValue)
        }
    }

    static func json(_ report: AuditReport) -> JSON {
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
            ("covered", .bool(report.isCovered)), ("controls", .array(results)),
        ])
    }

    /// For pipelines that show tests: a control is a test case.
    static func junit(_ report: AuditReport) -> String {
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
            case .covered, .floods: lines.append(head + "/>")
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

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
}
