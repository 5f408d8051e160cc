import AWSClient
import AWSCore
import Audit
import CloudTrail
import Controls
import FilterPattern
import Foundation
import LogGroups
import Server
import TrailMatcher
import WireValues

extension Command {
    static let events = Command(
        name: "events",
        summary: "the events behind an alarm, a control or a pattern: who did what",
        discussion: [
            "From log files, if paths are given, or else from the log groups of an endpoint. With --alarm the filters that "
                + "feed the alarm's metric are searched for, over the time that it looks at: that before --at, or before its "
                + "last change. --json prints the events as they were delivered, one a line.",
            "The exit code is 0 when there are any.",
        ],
        arguments: [.init(name: "PATH…", help: "log files or directories of them", isOptional: true, isFile: true)],
        options: [
            .init(name: "--alarm", value: "NAME", help: "the events that an alarm of the endpoint looks at"),
            .init(name: "--at", value: "T", help: "when it rang; its last change if not given"),
            .init(name: "--control", value: "ID", help: "the events that a control requires"),
            .init(name: "--pattern", value: "P", help: "the events that a filter pattern matches"),
            .init(name: "--since", value: "T", help: "not before this time; 24 hours ago at an endpoint"),
            .init(name: "--until", value: "T", help: "before this time"),
            .init(name: "--actor", value: "NAME", help: "only of callers whose name contains this"),
            .init(name: "--source-ip", value: "IP", help: "only from this address"),
            .init(
                name: "--log-group", value: "NAME",
                help: "the log group for --control and --pattern; cloudtrail/management-events if not given"),
            .init(name: "--endpoint-url", value: "URL", help: "the endpoint; AWS if none is set"),
            .init(name: "--profile", value: "NAME", help: "the profile of the shared files"),
            .init(name: "--region", value: "NAME", help: "the region"),
            benchmark,
            .init(name: "--json", help: "print the events as they were delivered, one a line"),
        ],
        examples: [
            ("trailwarden events --alarm root_usage --endpoint-url http://127.0.0.1:4599", "why it rang"),
            ("trailwarden events --control iam_policy_changes --actor alice AWSLogs/", "from log files"),
        ],
        run: { invocation throws(UsageError) in try EventsCommand(invocation).run() })
}

struct EventsCommand {
    private let invocation: Invocation
    private let since: Timestamp?
    private let until: Timestamp?

    /// An event that was found.
    private struct Found {
        /// Of an endpoint: two filters may find the same.
        var id = ""
        var evidence: Evidence
        var message: String
    }

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        since = try ScanCommand.time("--since", invocation)
        until = try ScanCommand.time("--until", invocation)
    }

    func run() throws(UsageError) -> ExitStatus {
        var found: [Found]
        if invocation.arguments.isEmpty {
            found = try fromEndpoint()
        } else {
            guard invocation.value("--alarm") == nil else {
                throw UsageError("--alarm asks an endpoint, and not files")
            }
            found = try fromFiles(pattern())
        }
        found = found.filter(isWanted).sorted { $0.evidence.time < $1.evidence.time }
        if invocation.has("--json") {
            for event in found {
                // One a line: between tokens a line end is a blank, and inside them there is none.
                var line = ""
                for scalar in event.message.unicodeScalars {
                    line.unicodeScalars.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
                }
                Terminal.print(line)
            }
        } else {
            Terminal.print(Self.table(found.map(\.evidence)))
        }
        return found.isEmpty ? .negative : .success
    }

    private func isWanted(_ event: Found) -> Bool {
        if let actor = invocation.value("--actor") {
            guard event.evidence.actor?.lowercased().contains(actor.lowercased()) == true else { return false }
        }
        if let address = invocation.value("--source-ip"), event.evidence.sourceAddress != address { return false }
        if let since, event.evidence.time < since { return false }
        if let until, event.evidence.time >= until { return false }
        return true
    }

    private func pattern() throws(UsageError) -> FilterPattern {
        if let text = invocation.value("--pattern") { return try FilterMatch.parse(text) }
        guard let name = invocation.value("--control") else {
            throw UsageError("say what to look for: --alarm, --control or --pattern")
        }
        let version = try ScanCommand.version(invocation)
        guard let control = Catalogue.control(name, in: version), control.subject == .events,
            control.number(in: version) != nil
        else {
            throw UsageError("there is no control `\(name)`", advice: "`trailwarden controls list` shows them")
        }
        return try FilterMatch.parse(control.requirement(in: version))
    }

    // MARK: Files

    private func fromFiles(_ pattern: FilterPattern) throws(UsageError) -> [Found] {
        let faults = FaultLines()
        let collector = MatchingRecords(pattern) { faults.add($0) }
        let reader = LogFileReader()
        for file in logFiles(at: invocation.arguments, unreadable: { faults.add($0) }) {
            _ = reader.read(file, collector)
        }
        faults.finish()
        return collector.found.map { Found(evidence: $0.0, message: $0.1) }
    }

    // MARK: An endpoint

    private func fromEndpoint() throws(UsageError) -> [Found] {
        let (client, region) = try AccountAccess.client(invocation)
        let account = LiveAccount(client: client)
        do throws(ReadFailure) {
            guard let alarm = invocation.value("--alarm") else {
                let group = invocation.value("--log-group") ?? Server.ControlSetup.logGroup
                let text: String
                do throws(UsageError) { text = try pattern().description } catch { throw ReadFailure(error) }
                let now = Server.SystemClock().now
                return try search(
                    account, region, group, text, from: since ?? now.advanced(bySeconds: -86_400), to: until ?? now)
            }
            return try behind(alarm, account, region)
        } catch {
            if error.code == "usage" { throw UsageError(error.message) }
            throw UsageError(error.words)
        }
    }

    /// The events that the filters match which feed an alarm's metric.
    private func behind(
        _ name: String, _ account: LiveAccount, _ region: String
    ) throws(ReadFailure) -> [Found] {
        let answer = try account.call(
            "monitoring", "DescribeAlarms", ["AlarmNames": [.string(name)]], region: region)
        guard case .list(let alarms)? = answer["MetricAlarms"], let alarm = alarms.first else {
            throw ReadFailure(code: "usage", message: "there is no alarm `\(name)` in \(region)", action: "")
        }
        var metrics = [alarm]
        if case .list(let queries)? = alarm["Metrics"] {
            metrics += queries.compactMap { $0["MetricStat"]?["Metric"] }
        }
        let rang =
            try at() ?? alarm.string("StateUpdatedTimestamp").flatMap { Timestamp($0) } ?? Server.SystemClock().now
        let range = (Int(alarm.string("Period") ?? "") ?? 300) * (Int(alarm.string("EvaluationPeriods") ?? "") ?? 1)
        // The minute in which it rang belongs to it.
        let start = since ?? rang.advanced(bySeconds: -Int64(range) - 60)
        let end = until ?? rang.advanced(bySeconds: 60)
        var found: [String: Found] = [:]
        for metric in metrics {
            guard let metricName = metric.string("MetricName"), let space = metric.string("Namespace") else { continue }
            let filters = try account.call(
                "logs", "DescribeMetricFilters",
                ["metricName": .string(metricName), "metricNamespace": .string(space)], region: region)
            guard case .list(let list)? = filters["metricFilters"] else { continue }
            for filter in list {
                let events = try search(
                    account, region, filter.string("logGroupName") ?? "", filter.string("filterPattern") ?? "",
                    from: start, to: end)
                for event in events { found[event.id] = event }
            }
        }
        return Array(found.values)
    }

    private func at() throws(ReadFailure) -> Timestamp? {
        guard let text = invocation.value("--at") else { return nil }
        guard let time = Timestamp(text) else {
            throw ReadFailure(code: "usage", message: "`\(text)` is no time: write 2026-11-21T10:00:00Z", action: "")
        }
        return time
    }

    private func search(
        _ account: LiveAccount, _ region: String, _ group: String, _ pattern: String, from start: Timestamp,
        to end: Timestamp
    ) throws(ReadFailure) -> [Found] {
        let input = [
            WireMember("logGroupName", .string(group)), WireMember("filterPattern", .string(pattern)),
            WireMember("startTime", .milliseconds(start)), WireMember("endTime", .milliseconds(end)),
        ]
        return try account.all("logs", "FilterLogEvents", input, list: "events", token: "nextToken", region: region).map
        {
            var message = $0.string("message") ?? ""
            let time = Timestamp(milliseconds: Int64($0.string("timestamp") ?? "") ?? 0)
            let evidence = message.withUTF8 { Evidence(UnsafeRawBufferPointer($0), at: time) }
            return Found(id: $0.string("eventId") ?? message, evidence: evidence, message: message)
        }
    }

    // MARK: Output

    private static func table(_ events: [Evidence]) -> String {
        if events.isEmpty { return "no events" }
        let head = ["time", "who", "called", "on", "from", "region", "error"]
        let rows = events.map { event in
            [
                Timestamp(seconds: event.time.seconds).description, event.actor ?? event.text ?? "",
                event.call ?? "", event.resource ?? "", event.sourceAddress ?? "", event.region ?? "",
                event.errorCode ?? "",
            ]
        }
        let most = [20, 32, 40, 48, 39, 14, 40]
        let widths = head.indices.map { column in
            min(most[column], ([head] + rows).map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            var text = cells.enumerated().map {
                $0.element.shortened(to: widths[$0.offset]).padded(to: widths[$0.offset])
            }
            .joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        return
            ([Terminal.bold(line(head))] + rows.map(line) + [
                "", events.count == 1 ? "1 event" : "\(events.count.grouped) events",
            ])
            .joined(separator: "\n")
    }
}

extension ReadFailure {
    /// A fault of the command line, on its way through calls that only know of failed reads.
    fileprivate init(_ error: UsageError) {
        self.init(code: "usage", message: error.message, action: "")
    }
}

extension WireValue {
    /// A text or a number, as the protocols give them.
    func string(_ name: String) -> String? {
        switch self[name] {
        case .string(let text)?: text
        case .integer(let number)?: String(number)
        case .number(let number)?: Int(exactly: number.rounded()).map(String.init)
        default: nil
        }
    }
}

/// The records of files that a pattern matches.
private final class MatchingRecords: RecordConsumer {
    private(set) var found: [(Evidence, String)] = []
    private let context: MatchContext
    private let fault: (LogFault) -> Void

    init(_ pattern: FilterPattern, _ fault: @escaping (LogFault) -> Void) {
        context = MatchContext(TrailMatcher([pattern], captures: [Selector("eventTime")]))
        self.fault = fault
    }

    func consume(_ record: Record) {
        context.match(record.range, of: record.view)
        guard context.matches.count > 0 else { return }
        let time = context.capture(0).text.flatMap { Timestamp(iso8601: $0) } ?? Timestamp(milliseconds: 0)
        found.append((Evidence(record.bytes, at: time), String(decoding: record.bytes, as: UTF8.self)))
    }

    func report(_ fault: LogFault) { self.fault(fault) }
}
