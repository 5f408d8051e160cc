import AWSClient
import AWSCore
import Foundation
import Integrity
import LogSources
import Server

extension Command {
    static let verify = Command(
        name: "verify",
        summary: "whether log files are those that CloudTrail delivered: CloudTrail log file validation",
        discussion: [
            "Follows the signed chain of digests of every account, region and trail in a bucket, or in a copy of one on disk, "
                + "and holds every log file against its hash. Verdicts are those of `aws cloudtrail validate-logs`: valid, "
                + "modified, deleted; and unverified is what nothing speaks for or against, as files that no digest names.",
            "The public keys are CloudTrail's, asked for by its API in the region of the digests, or those of --public-keys. "
                + "Copies on disk lose the metadata of objects, in which signatures are: each digest but the newest of a chain "
                + "is then verified by the signature that the next one names; that of the newest may stand in FILE.signature "
                + "beside it.",
            "The exit code is 1 when something was modified or deleted, 3 when there were no digests or some could not be "
                + "read or verified. Gaps and files that no digest names are told, and count as faults with --strict.",
        ],
        arguments: [.init(name: "PATH|s3://BUCKET[/PREFIX]", help: "where the AWSLogs folder is", isFile: true)],
        options: [
            .init(
                name: "--since", value: "T", help: "digests from this time on; of a bucket 24 hours ago if not given"),
            .init(name: "--until", value: "T", help: "digests up to this time; now if not given"),
            .init(name: "--account", value: "IDS", help: "only these accounts, by comma"),
            .init(name: "--region", value: "NAMES", help: "only these regions, by comma"),
            .init(name: "--trail", value: "NAME", help: "only digests of this trail"),
            .init(
                name: "--public-keys", value: "FILE",
                help: "what `aws cloudtrail list-public-keys` printed, instead of asking"),
            .init(name: "--endpoint-url", value: "URL", help: "where the APIs are; AWS if not given"),
            .init(name: "--profile", value: "NAME", help: "the profile of the shared files"),
            .init(name: "--strict", help: "gaps and files that no digest names are faults too"),
            .init(name: "--verbose", help: "print what is valid, too"),
            .init(name: "--json", help: "print one object"),
        ],
        examples: [
            ("trailwarden verify s3://my-trail --since 2026-11-01", "the log files of a bucket"),
            ("trailwarden verify ./copy --public-keys keys.json", "a copy, without any call"),
        ],
        run: { invocation throws(UsageError) in try VerifyCommand(invocation).run() })
}

struct VerifyCommand {
    private let invocation: Invocation
    private let range: Verifier.Range
    private let stores: [any TrailStore]
    private let keys: KeyRing

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        let now = Server.SystemClock().now
        var since = try ScanCommand.time("--since", invocation)
        let until = try ScanCommand.time("--until", invocation) ?? now
        let path = invocation.arguments[0]
        var access: (client: AWSClient, region: String)?
        if path.hasPrefix("s3://") {
            let (client, region) = try AccountAccess.client(invocation)
            let place: LogSource.Place
            do throws(LogSource.FormatError) {
                place = try LogSource.Place(path)
            } catch {
                throw UsageError(error.description)
            }
            guard case .bucket(let bucket, let prefix) = place else { throw UsageError("`\(path)` names no bucket") }
            stores = [BucketStore(bucket, prefix: prefix, client, region: region)]
            since = since ?? until.advanced(bySeconds: -86_400)
            access = (client, region)
        } else {
            stores = FolderStore.stores(in: path)
            if stores.isEmpty { throw UsageError("there is no AWSLogs folder in \(path)") }
        }
        if let since, since > until { throw UsageError("--since is after --until") }
        let isExpectedWhole = access != nil || invocation.value("--until") != nil
        range = Verifier.Range(start: since, end: until, isExpectedWhole: isExpectedWhole)
        if let file = invocation.value("--public-keys") {
            keys = try Self.keys(in: file)
        } else if let access {
            keys = KeyRing(asking: access.client)
        } else if let (client, _) = try? AccountAccess.client(invocation) {
            keys = KeyRing(asking: client)
        } else {
            keys = KeyRing()
        }
    }

    static func keys(in file: String) throws(UsageError) -> KeyRing {
        let text = try Files.text(file)
        do throws(KeyRing.FormatError) {
            return try KeyRing(text)
        } catch {
            throw UsageError("\(file): \(error.description)")
        }
    }

    func run() -> ExitStatus {
        let isJSON = invocation.has("--json")
        let isVerbose = invocation.has("--verbose")
        var findings: [Finding] = []
        var looked = 0
        var report = IntegrityReport()
        var isWhole = true
        let isWanted = Self.selection(invocation)
        do throws(TrailStoreFault) {
            for store in stores {
                let verifier = Verifier(store, keys) { finding in
                    looked += 1
                    if looked % 64 == 0 { StatusLine.show("verified \(looked.grouped) files …") }
                    report.add(finding)
                    if finding.verdict == .valid, !isVerbose { return }
                    if isJSON {
                        findings.append(finding)
                    } else {
                        StatusLine.clear()
                        Terminal.print(Self.line(finding))
                    }
                }
                try verifier.verify(range, { isWanted($0) ? range : nil })
            }
        } catch {
            StatusLine.clear()
            // What was found before counts.
            Terminal.complain("trailwarden verify: \(error.words)")
            isWhole = false
        }
        StatusLine.clear()
        Terminal.print(isJSON ? json(report, findings).text(pretty: true) : summary(report))
        let status = status(report)
        return isWhole || status == .negative ? status : .unreadable
    }

    private static func selection(_ invocation: Invocation) -> (DigestChain) -> Bool {
        func list(_ name: String) -> Set<String>? {
            invocation.value(name).map { Set($0.split(separator: ",").map(String.init)) }
        }
        let (accounts, regions, trail) = (list("--account"), list("--region"), invocation.value("--trail"))
        return { chain in
            accounts?.contains(chain.account) ?? true && regions?.contains(chain.region) ?? true
                && trail.map { $0 == chain.trail } ?? true
        }
    }

    private func status(_ report: IntegrityReport) -> ExitStatus {
        if report.isViolated { return .negative }
        if invocation.has("--strict"), report.gaps + report.logs[.unverified] > report.early { return .negative }
        let digests = report.digests.total + report.backfillDigests.total
        let open = report.digests[.unverified] + report.backfillDigests[.unverified]
        return digests == 0 || open + report.unread > 0 ? .unreadable : .success
    }

    // MARK: Output

    private static func line(_ finding: Finding) -> String {
        let word: String
        switch finding.verdict {
        case .valid: word = Terminal.green("valid")
        case .modified, .deleted: word = Terminal.red(finding.verdict.rawValue)
        case .unverified: word = Terminal.yellow(finding.subject == .gap ? "gap" : "unverified")
        }
        let padding = String(
            repeating: " ", count: max(0, 11 - (finding.subject == .gap ? 3 : finding.verdict.rawValue.count)))
        var what = finding.name.harmless
        if finding.subject == .gap {
            let (start, end) = (finding.start?.description ?? "", finding.end?.description ?? "")
            what = "\(finding.chain.account) \(finding.chain.region) \(finding.chain.trail): \(start) to \(end)"
        }
        let kind = finding.chain.isBackfill ? "backfill" : finding.subject.rawValue
        return "\(word)\(padding)\(finding.subject == .gap ? "" : kind.padded(to: 9))\(what)"
            + (finding.reason.map { ": \($0.harmless)" } ?? "")
    }

    private func summary(_ report: IntegrityReport) -> String {
        guard report.digests.total + report.backfillDigests.total > 0 else {
            return "no digests found: is log file validation switched on for the trail?"
        }
        func line(_ name: String, _ counts: VerdictCounts) -> String? {
            guard counts.total > 0 else { return nil }
            let parts = Verdict.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0].grouped) \($0.rawValue)" }
            return name.padded(to: 18) + parts.joined(separator: ", ")
        }
        let span =
            report.start.flatMap { start in report.end.map { "from \(start) to \($0)" } }
            ?? "no valid digests"
        return
            ([
                Terminal.bold(span), line("digests", report.digests),
                line("backfill digests", report.backfillDigests), line("log files", report.logs),
                report.gaps > 0 ? "gaps".padded(to: 18) + String(report.gaps) : nil,
            ] as [String?]).compactMap { $0 }.joined(separator: "\n")
    }

    private func json(_ report: IntegrityReport, _ findings: [Finding]) -> JSON {
        func counts(_ counts: VerdictCounts) -> JSON {
            .object(Verdict.allCases.map { ($0.rawValue, .int(counts[$0])) })
        }
        return .object([
            ("from", JSON(report.start?.description)), ("to", JSON(report.end?.description)),
            ("digests", counts(report.digests)), ("backfillDigests", counts(report.backfillDigests)),
            ("logFiles", counts(report.logs)), ("gaps", .int(report.gaps)),
            (
                "findings",
                .array(
                    findings.map { finding in
                        .object([
                            ("subject", .string(finding.subject.rawValue)),
                            ("verdict", .string(finding.verdict.rawValue)), ("name", .string(finding.name)),
                            ("reason", JSON(finding.reason)), ("account", .string(finding.chain.account)),
                            ("region", .string(finding.chain.region)), ("trail", .string(finding.chain.trail)),
                            ("isBackfill", .bool(finding.chain.isBackfill)),
                            ("start", JSON(finding.start?.description)), ("end", JSON(finding.end?.description)),
                        ])
                    })
            ),
        ])
    }
}
