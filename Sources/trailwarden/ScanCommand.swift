import AWSCore
import Alarms
import CloudTrail
import Controls
import FilterPattern
import FoundationEssentials
import Scan

extension Command {
    static let scan = Command(
        name: "scan",
        summary: "what filters would have matched in CloudTrail files, and which alarms would have fired",
        discussion: [
            "Reads CloudTrail log files as they are delivered, gzip or not: directories are walked to any depth. One JSON "
                + "object a line, CloudWatch Logs subscription records and exports, EventBridge envelopes and the output "
                + "of `aws cloudtrail lookup-events` are understood too. `-` is standard input.",
            "Without other filters the monitoring controls of the CIS AWS Foundations Benchmark are scanned for, each "
                + "with the pattern that the chosen version tells to deploy. A record that CloudTrail delivered twice "
                + "counts twice, as a metric filter counts it.",
            "Input that cannot be read is named on standard error with its place; the rest goes on, and the exit code is 3.",
        ],
        arguments: [
            .init(name: "PATH…", help: "log files, directories of them, or - for standard input", isFile: true)
        ],
        options: [
            .init(
                name: "--controls", value: "LIST",
                help: "`cis` for all controls (the default), or their ids or numbers, separated by commas"),
            .init(
                name: "--benchmark", value: "VERSION",
                help: "the version of the benchmark whose patterns and numbers are used; the newest if not given",
                choices: BenchmarkVersion.allCases.map(\.rawValue)),
            .init(
                name: "--filters", value: "FILE", help: #"filters of your own: a JSON object {"name": "pattern", …}"#),
            .init(name: "--pattern", value: "P", help: "one filter pattern of your own"),
            .init(
                name: "--alarms",
                help: "replay the alarm of each filter (Sum over 300 s >= 1, missing data not breaching)"),
            .init(
                name: "--what-if", value: "T,P,M/N",
                help:
                    "how often alarms would have rung at this threshold, period in seconds, and M of N periods; may be "
                    + "given several times. Also whose exception would quiet the first of them",
                isRepeatable: true),
            .init(
                name: "--events",
                help: "print the matching records as they were delivered, one a line, and nothing else"),
            .init(name: "--distinct", help: "count an event that was delivered several times once"),
            .init(
                name: "--since", value: "T",
                help: "match only events from this time on: 2026-03-01 or 2026-03-01T09:30:00Z"),
            .init(name: "--until", value: "T", help: "match only events before this time"),
            .init(name: "--threads", value: "N", help: "how many cores to use; all of them if not given"),
            .init(name: "--json", help: "print one JSON object"),
        ],
        examples: [
            ("trailwarden scan AWSLogs/", "all controls over a bucket's copy"),
            ("trailwarden scan --alarms --controls root_usage,5.15 AWSLogs/", "when two alarms would have fired"),
            ("trailwarden scan --what-if 1,300 --what-if 10,300,2/3 AWSLogs/", "which threshold is worth having"),
            (
                "trailwarden scan --events --pattern '{ $.errorCode = \"AccessDenied*\" }' AWSLogs/ | jq .eventName",
                "the matching events"
            ),
        ],
        run: { invocation throws(UsageError) in try ScanCommand(invocation).run() })
}

/// One filter of a scan with its name.
struct ScannedFilter {
    var name: String
    var pattern: FilterPattern
    var control: Control?
}

struct ScanCommand {
    private let invocation: Invocation
    private let version: BenchmarkVersion
    private let filters: [ScannedFilter]
    private let settings: [WhatIf.Setting]

    init(_ invocation: Invocation) throws(UsageError) {
        if invocation.has("--events"), invocation.has("--json") || invocation.has("--alarms") {
            throw UsageError("`--events` prints records and nothing else; leave out `--json` and `--alarms`")
        }
        self.invocation = invocation
        version = try Self.version(invocation)
        filters = try Self.filters(invocation, version)
        var settings: [WhatIf.Setting] = []
        for text in invocation.values("--what-if") { settings.append(try WhatIf.Setting(text)) }
        self.settings = settings
    }

    static func version(_ invocation: Invocation) throws(UsageError) -> BenchmarkVersion {
        guard let text = invocation.value("--benchmark") else { return .newest }
        guard let version = BenchmarkVersion(text) else {
            throw UsageError(
                "there is no version `\(text)` of the benchmark",
                advice: "known are " + BenchmarkVersion.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return version
    }

    private static func filters(
        _ invocation: Invocation, _ version: BenchmarkVersion
    ) throws(UsageError) -> [ScannedFilter] {
        var filters: [ScannedFilter] = []
        let ownFilters = invocation.value("--filters") != nil || invocation.value("--pattern") != nil
        if let list = invocation.value("--controls") ?? (ownFilters ? nil : "cis") {
            for control in try controls(list, version) {
                let pattern = try FilterMatch.parse(control.publishedPattern(in: version))
                filters.append(ScannedFilter(name: control.id, pattern: pattern, control: control))
            }
        }
        if let path = invocation.value("--filters") {
            for (name, text) in try Files.filters(path) {
                filters.append(
                    ScannedFilter(name: name, pattern: try FilterMatch.parse(text, name: name), control: nil))
            }
        }
        if let text = invocation.value("--pattern") {
            filters.append(ScannedFilter(name: "pattern", pattern: try FilterMatch.parse(text), control: nil))
        }
        return filters
    }

    private static func controls(_ list: String, _ version: BenchmarkVersion) throws(UsageError) -> [Control] {
        if list == "cis" { return Catalogue.watchingEvents.filter { $0.number(in: version) != nil } }
        var controls: [Control] = []
        for name in list.split(separator: ",").map(String.init) {
            guard let control = Catalogue.control(name, in: version), control.number(in: version) != nil,
                control.subject == .events
            else {
                throw UsageError(
                    "there is no control `\(name)` in version \(version.rawValue)",
                    advice: "`trailwarden controls list` shows them")
            }
            controls.append(control)
        }
        return controls
    }

    static func time(_ option: String, _ invocation: Invocation) throws(UsageError) -> Timestamp? {
        guard let text = invocation.value(option) else { return nil }
        guard let time = Timestamp(text) else {
            throw UsageError("`\(text)` is no time", advice: "write 2026-03-01 or 2026-03-01T09:30:00Z")
        }
        return time
    }

    // MARK: Running

    func run() throws(UsageError) -> ExitStatus {
        var scan = Scan(filters.map(\.pattern))
        scan.since = try Self.time("--since", invocation)
        scan.until = try Self.time("--until", invocation)
        scan.countsDistinct = invocation.has("--distinct")
        scan.threadCount = try threads()
        scan.tracksCallers = !settings.isEmpty
        if invocation.has("--events") { scan.matchingRecords = { Terminal.write(1, $0) } }

        let complaints = FaultLines()
        var unopened: [LogFault] = []
        let files = logFiles(at: invocation.arguments) {
            unopened.append($0)
            complaints.add($0, bar: nil)
        }
        let progress = Scan.Progress()
        let bar = ProgressBar(progress, files: files)
        scan.faultHandler = { complaints.add($0, bar: bar) }
        var report = scan.run(files, progress: progress)
        bar?.finish()
        complaints.finish()
        report = report.adding(faults: unopened)

        if !settings.isEmpty {
            let whatIf = WhatIf(report: report, filters: filters, settings: settings)
            Terminal.print(invocation.has("--json") ? whatIf.json.text(pretty: true) : whatIf.text)
        } else if invocation.has("--json") {
            Terminal.print(ScanJSON(report: report, filters: filters, version: version, withAlarms: withAlarms).text)
        } else if !invocation.has("--events") {
            Terminal.print(ScanTable(report: report, filters: filters, version: version, withAlarms: withAlarms).text)
        }
        return report.faultCount > 0 ? .unreadable : .success
    }

    private var withAlarms: Bool { invocation.has("--alarms") }

    private func threads() throws(UsageError) -> Int {
        guard let text = invocation.value("--threads") else { return ProcessInfo.processInfo.activeProcessorCount }
        guard let count = Int(text), (1...1024).contains(count) else {
            throw UsageError("`--threads \(text)`: expected a number from 1 on")
        }
        return count
    }
}

/// The alarm that a control's published remediation puts on its filter.
func publishedAlarm(_ name: String) -> MetricAlarm {
    MetricAlarm(name: name, treatMissingData: .notBreaching)
}
