import AWSClient
import Audit
import Controls
import Foundation
import Remediation
import Server
import WireValues

extension Command {
    static let remediate = Command(
        name: "remediate",
        summary: "what mends the controls that an audit finds broken: as commands, Terraform, CloudFormation, or done",
        discussion: [
            "Makes only what is missing, and reuses what is there: a filter that covers a control gets its alarm, a topic "
                + "that tells somebody is told. Nothing that exists is written over; a trail that records one region, does "
                + "not log, or leaves management events out, is set right. Once that is done, the next plan is empty.",
            "Without --print or --apply the plan is shown in words. --apply shows it, asks, and does it; --yes does not "
                + "ask. A trail that has to be made needs a bucket and a role: they are made too, or named by --bucket and "
                + "--role.",
            "--style writes the texts that auditors insist on who compare patterns by their letters, where such a text "
                + "also covers the control, and says where none can.",
            "The exit code is 0 when nothing is left to do but what is shown or done, 1 when something needs a person or a "
                + "change failed.",
        ],
        arguments: [],
        options: AccountAccess.options + [
            .init(
                name: "--notify", value: "ENDPOINTS",
                help: "who is told, by comma: email:you@example.org, https://…, sms:+…, the ARN of a queue"),
            .init(name: "--topic", value: "ARN", help: "the topic of new alarms"),
            .init(name: "--log-group", value: "NAME", help: "the group for a trail that delivers to none"),
            .init(name: "--bucket", value: "NAME", help: "an existing bucket, for a trail that has to be made"),
            .init(name: "--role", value: "ARN", help: "an existing role with which CloudTrail writes to the group"),
            .init(
                name: "--style", value: "security-hub|prowler", help: "patterns in the letters of an auditor",
                choices: AuditorStyle.allCases.map(\.rawValue)),
            .init(
                name: "--print", value: "cli|terraform|cloudformation", help: "print the plan in that form",
                choices: ["cli", "terraform", "cloudformation"]),
            .init(
                name: "--shell", value: "sh|powershell", help: "for --print cli; sh if not given",
                choices: CommandLines.Shell.allCases.map(\.rawValue)),
            .init(name: "--apply", help: "do it"),
            .init(name: "--yes", help: "do not ask"),
            .init(name: "--json", help: "print the plan as a JSON object"),
        ],
        examples: [
            ("trailwarden remediate --print cli --notify email:you@example.org | less", "what would be done"),
            ("trailwarden remediate --apply --notify email:you@example.org", "done"),
        ],
        run: { invocation throws(UsageError) in try RemediateCommand(invocation).run() })
}

struct RemediateCommand {
    private let invocation: Invocation
    private let options: RemediationOptions

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        var options = RemediationOptions()
        for text in (invocation.value("--notify") ?? "").split(separator: ",").map(String.init) {
            guard let endpoint = Step.Endpoint(text) else {
                throw UsageError(
                    "--notify does not understand `\(text)`",
                    advice:
                        "write email:you@example.org, https://example.org/hook, sms:+15550100, or the ARN of a queue")
            }
            options.endpoints.append(endpoint)
        }
        options.topic = invocation.value("--topic")
        options.logGroup = invocation.value("--log-group")
        options.bucket = invocation.value("--bucket")
        options.role = invocation.value("--role")
        if let name = invocation.value("--style") {
            guard let style = AuditorStyle(rawValue: name) else {
                throw UsageError("a style is security-hub or prowler, not `\(name)`")
            }
            options.style = style
        }
        self.options = options
    }

    func run() throws(UsageError) -> ExitStatus {
        guard let shell = CommandLines.Shell(rawValue: invocation.value("--shell") ?? "sh") else {
            throw UsageError("a shell is sh or powershell")
        }
        let access = try AccountAccess(invocation)
        let (plan, _) = Planner(
            access.controls, in: access.version, options: options, at: Server.SystemClock().now
        )
        .plan(access.snapshot, regions: access.regions)
        if invocation.has("--apply") { return try apply(plan, access) }
        switch invocation.value("--print") {
        case "cli": Terminal.print(CommandLines.script(plan, for: shell))
        case "terraform": Terminal.write(1, Terraform.configuration(plan))
        case "cloudformation": Terminal.print(CloudFormation.template(plan))
        case nil:
            if invocation.has("--json") {
                Terminal.print(AuditJSON.plan(plan).text(pretty: true))
                return plan.obstacles.isEmpty ? .success : .negative
            }
            Terminal.print(Self.text(plan))
            return plan.obstacles.isEmpty ? .success : .negative
        case let other?: throw UsageError("--print knows cli, terraform and cloudformation, not `\(other)`")
        }
        // What is no part of the script goes to the person.
        for words in plan.notes + plan.obstacles { Terminal.complain("trailwarden: \(words)") }
        return plan.obstacles.isEmpty ? .success : .negative
    }

    private static func text(_ plan: Plan) -> String {
        var lines = [Terminal.bold("Account \(plan.account), region \(plan.region)"), ""]
        if plan.isEmpty, plan.obstacles.isEmpty { lines.append("There is nothing to be made.") }
        for entry in plan.entries {
            let place = entry.region == plan.region ? "" : " in \(entry.region)"
            lines.append("  + \(entry.step.words)\(place)")
        }
        for endpoint in plan.pending { lines.append("  ! \(endpoint) must confirm the subscription") }
        for words in plan.obstacles { lines.append("  ! \(words)") }
        for words in plan.notes { lines.append("  - \(words)") }
        return lines.joined(separator: "\n")
    }

    // MARK: Doing it

    private func apply(_ plan: Plan, _ access: AccountAccess) throws(UsageError) -> ExitStatus {
        guard let client = access.client else { throw UsageError("--apply needs an account, not a snapshot") }
        if !invocation.has("--yes") || plan.isEmpty { Terminal.print(Self.text(plan)) }
        if plan.isEmpty { return plan.obstacles.isEmpty ? .success : .negative }
        if !invocation.has("--yes") {
            guard isatty(0) == 1 else {
                throw UsageError("nobody can be asked whether to do this", advice: "--yes does not ask")
            }
            Terminal.write(2, "Do this? [y/N] ")
            guard ["y", "yes"].contains((readLine() ?? "").lowercased()) else { return .negative }
        }
        var hasFailed = false
        for entry in plan.entries {
            do throws(AWSClient.Failure) {
                if case .createBucket(let name, _, _) = entry.step {
                    try Self.refuseExisting(name, entry.region, client)
                }
                for change in entry.step.changes(region: entry.region) {
                    try Self.make(change, in: entry.region, client)
                }
                Terminal.print("  \(Terminal.green("done")) \(entry.step.words)")
            } catch {
                let words = [error.code, error.message].filter { !$0.isEmpty }.joined(separator: ": ")
                if Self.isWithout(error, entry.step) {
                    Terminal.print(
                        "  \(Terminal.yellow("left")) \(entry.step.words): this endpoint has no such service")
                    continue
                }
                hasFailed = true
                Terminal.print("  \(Terminal.red("failed")) \(entry.step.words): \(words)")
                // What comes after may need it, and must not take what a stranger has made in its place.
                Terminal.print("  stopped here; the rest was not made")
                break
            }
        }
        for entry in plan.entries {
            if case .subscribe(_, let endpoint) = entry.step, endpoint.protocol != "sqs", endpoint.protocol != "lambda"
            {
                Terminal.print("  ! \(endpoint.address) must confirm the subscription")
            }
        }
        return hasFailed || !plan.obstacles.isEmpty ? .negative : .success
    }

    /// A bucket that is there may be a stranger's, and has a policy of its own if it is not.
    private static func refuseExisting(
        _ bucket: String, _ region: String, _ client: AWSClient
    ) throws(AWSClient.Failure) {
        do throws(AWSClient.Failure) {
            _ = try client.call("s3", "GetBucketLocation", ["Bucket": .string(bucket)], region: region)
        } catch {
            guard error.code == "AccessDenied" else {
                if error.code == "NoSuchBucket" { return }
                throw error
            }
        }
        throw AWSClient.Failure(
            code: "", message: "there is a bucket of that name: name it with --bucket if it is yours, or another one")
    }

    /// An endpoint that is not AWS takes the names of buckets and roles as they are.
    private static func isWithout(_ error: AWSClient.Failure, _ step: Step) -> Bool {
        switch step {
        case .createBucket, .createRole, .enableSecurityHub:
            ReadFailure(code: error.code, message: error.message, action: "").isNoService
        default: false
        }
    }

    /// A role that was made a moment ago is not known everywhere at once.
    private static let passing: Set = [
        "InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException",
        "InsufficientS3BucketPolicyException", "CloudTrailARNInvalidException",
    ]

    private static func make(
        _ change: Change, in region: String, _ client: AWSClient
    ) throws(AWSClient.Failure) {
        var attempt = 0
        while true {
            do throws(AWSClient.Failure) {
                _ = try client.call(change.service, change.operation, change.input, region: region)
                return
            } catch {
                if change.harmless.contains(error.code) { return }
                guard passing.contains(error.code), attempt < 5 else { throw error }
                attempt += 1
                client.wait(Double(attempt) * 2)
            }
        }
    }
}
