import AWSClient
import AWSCore
import CloudTrail
import FilterPattern
import Foundation
import LogGroups
import Server
import TrailMatcher
import WireValues

extension Command {
    static let replay = Command(
        name: "replay",
        summary: "feed CloudTrail files to a log group, through PutLogEvents of any endpoint",
        discussion: [
            "Reads the same files as scan and sends their records to one stream of a log group, each with its own time. "
                + "CloudWatch Logs takes no event older than 14 days: with --shift-to-now the newest record is given the "
                + "present time, and all others keep their distance to it.",
            "Requests are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment. The group and the "
                + "stream are made when they are not there.",
        ],
        arguments: [
            .init(name: "PATH…", help: "log files, directories of them, or - for standard input", isFile: true)
        ],
        options: [
            .init(name: "--log-group", value: "NAME", help: "the log group; cloudtrail/management-events if not given"),
            .init(name: "--log-stream", value: "NAME", help: "the stream; replay if not given"),
            .init(
                name: "--endpoint-url", value: "URL",
                help: "the endpoint; AWS_ENDPOINT_URL, or http://127.0.0.1:4599, if not given"),
            .init(name: "--region", value: "NAME", help: "the region; AWS_REGION, or us-east-1, if not given"),
            .init(
                name: "--shift-to-now",
                help: "move all records in time, so that the newest happens now; with --rate each as it is sent"),
            .init(name: "--rate", value: "N", help: "send no more than so many records a second"),
            .init(name: "--wait", value: "SECONDS", help: "wait so long for an endpoint that does not answer yet"),
            .init(name: "--json", help: "print one JSON object"),
        ],
        examples: [
            ("trailwarden replay --shift-to-now Examples/logs", "to a server on this machine"),
            ("trailwarden replay --log-group g --endpoint-url https://logs.eu-west-1.amazonaws.com AWSLogs/", "to AWS"),
        ],
        run: { invocation throws(UsageError) in try ReplayCommand(invocation).run() })
}

struct ReplayCommand {
    private let invocation: Invocation
    private let group: String
    private let stream: String
    private let client: LogsClient
    private let rate: Double?
    /// How long to wait for an endpoint, in seconds.
    private let patience: Double

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        let environment = ProcessInfo.processInfo.environment
        group = invocation.value("--log-group") ?? "cloudtrail/management-events"
        stream = invocation.value("--log-stream") ?? "replay"
        let url = invocation.value("--endpoint-url") ?? environment["AWS_ENDPOINT_URL"] ?? "http://127.0.0.1:4599"
        guard URL(string: url)?.host(percentEncoded: false) != nil, url.hasPrefix("http") else {
            throw UsageError("`\(url)` is no endpoint", advice: "write it as in http://127.0.0.1:4599")
        }
        let credentials = Credentials(
            accessKeyID: environment["AWS_ACCESS_KEY_ID"] ?? "test",
            secret: environment["AWS_SECRET_ACCESS_KEY"] ?? "test", sessionToken: environment["AWS_SESSION_TOKEN"])
        client = LogsClient(
            client: AWSClient(endpoints: Endpoints(url), credentials: credentials, clock: Server.SystemClock()) {
                Thread.sleep(forTimeInterval: $0)
            },
            region: invocation.value("--region") ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
                ?? "us-east-1")
        rate = try Self.number("--rate", invocation)
        patience = try Self.number("--wait", invocation) ?? 0
    }

    private static func number(_ option: String, _ invocation: Invocation) throws(UsageError) -> Double? {
        guard let text = invocation.value(option) else { return nil }
        // A rate that no counter holds is none.
        guard let number = Double(text), number > 0, number < 1e9 else {
            throw UsageError("\(option) takes a number above 0, not `\(text)`")
        }
        return number
    }

    func run() throws(UsageError) -> ExitStatus {
        let faults = FaultLines()
        let files = logFiles(at: invocation.arguments) { faults.add($0) }
        let collector = RecordCollector { faults.add($0) }
        let reader = LogFileReader()
        for file in files { _ = reader.read(file, collector) }
        var events = collector.events
        // In the order in which they happened.
        events.sort { $0.time < $1.time }
        if invocation.has("--shift-to-now"), let newest = events.last?.time {
            let shift = Server.SystemClock().now.milliseconds - newest.milliseconds
            for i in events.indices { events[i].time.milliseconds += shift }
        }
        do throws(LogsClient.Failure) {
            awaitEndpoint()
            try client.prepare(group, stream)
            let rejected = try send(events)
            report(sent: events.count - rejected, rejected: rejected)
        } catch {
            let words = [error.code, error.message].filter { !$0.isEmpty }.joined(separator: ": ")
            Terminal.complain("trailwarden replay: \(words)")
            return .unreadable
        }
        faults.finish()
        return faults.isEmpty ? .success : .unreadable
    }

    /// Returns when the endpoint answers, or when there is no more time to wait for it.
    private func awaitEndpoint() {
        let end = ContinuousClock.now.advanced(by: .seconds(patience))
        while ContinuousClock.now < end, !client.answers() { Thread.sleep(forTimeInterval: 0.05) }
    }

    /// Whether records happen as they are sent.
    private var isLive: Bool { rate != nil && invocation.has("--shift-to-now") }

    private func report(sent: Int, rejected: Int) {
        if invocation.has("--json") {
            Terminal.print(JSON.object([("sent", .int(sent)), ("rejected", .int(rejected))]).text())
        } else {
            Terminal.print("\(sent.grouped) records sent to \(group)")
            if rejected > 0 {
                Terminal.print("\(rejected.grouped) rejected: too old for a log group; --shift-to-now moves them")
            }
        }
    }

    /// Sends the events in batches as large as PutLogEvents takes them, and gives the number of those rejected.
    private func send(_ events: [RecordCollector.Event]) throws(LogsClient.Failure) -> Int {
        var rejected = 0
        var start = 0
        // A few batches a second, so that a slow replay is an even one.
        let most = min(PutLogEventsBatch.mostEvents, rate.map { max(1, Int($0 / 4)) } ?? .max)
        let begin = ContinuousClock.now
        while start < events.count {
            var end = start
            var bytes = 0
            while end < events.count, end - start < most {
                bytes += events[end].message.utf8.count + PutLogEventsBatch.overhead
                let span = events[end].time.milliseconds - events[start].time.milliseconds
                if end > start, bytes > PutLogEventsBatch.mostBytes || span > PutLogEventsBatch.longestSpan { break }
                end += 1
            }
            var batch = Array(events[start..<end])
            if isLive, let newest = batch.last?.time {
                let shift = Server.SystemClock().now.milliseconds - newest.milliseconds
                for i in batch.indices { batch[i].time.milliseconds += shift }
            }
            rejected += try client.put(batch[...], group, stream)
            start = end
            if let rate {
                let due = begin.advanced(by: .seconds(Double(start) / rate))
                Thread.sleep(forTimeInterval: max(0, ContinuousClock.now.duration(to: due) / .seconds(1)))
            }
        }
        return rejected
    }
}

/// The records of files, each with its time.
private final class RecordCollector: RecordConsumer {
    struct Event {
        var time: Timestamp
        var message: String
    }

    private(set) var events: [Event] = []
    private let context = MatchContext(TrailMatcher([], captures: [Selector("eventTime")]))
    private let fault: (LogFault) -> Void

    init(_ fault: @escaping (LogFault) -> Void) {
        self.fault = fault
    }

    func consume(_ record: Record) {
        context.match(record.bytes)
        guard let text = context.capture(0).text, let time = Timestamp(iso8601: text) else {
            report(LogFault(path: record.path, offset: record.offset, reason: .notCloudTrail))
            return
        }
        events.append(Event(time: time, message: String(decoding: record.bytes, as: UTF8.self)))
    }

    func report(_ fault: LogFault) { self.fault(fault) }
}

/// The few calls of CloudWatch Logs that a replay makes.
private struct LogsClient {
    typealias Failure = AWSClient.Failure

    let client: AWSClient
    let region: String

    /// Whether there is anybody at the endpoint.
    func answers() -> Bool {
        do throws(Failure) {
            _ = try call("DescribeLogGroups", .empty)
            return true
        } catch {
            return !error.code.isEmpty
        }
    }

    /// Makes the group and the stream, unless they are there.
    func prepare(_ group: String, _ stream: String) throws(Failure) {
        for (operation, input) in [
            ("CreateLogGroup", ["logGroupName": .string(group)] as WireValue),
            ("CreateLogStream", ["logGroupName": .string(group), "logStreamName": .string(stream)]),
        ] {
            do throws(Failure) {
                _ = try call(operation, input)
            } catch {
                guard error.code == "ResourceAlreadyExistsException" else { throw error }
            }
        }
    }

    /// Gives the number of events that the service rejected.
    func put(_ events: ArraySlice<RecordCollector.Event>, _ group: String, _ stream: String) throws(Failure) -> Int {
        let items = events.map { event -> WireValue in
            ["timestamp": .milliseconds(event.time), "message": .string(event.message)]
        }
        let output = try call(
            "PutLogEvents",
            ["logGroupName": .string(group), "logStreamName": .string(stream), "logEvents": .list(items)])
        guard let info = output["rejectedLogEventsInfo"] else { return 0 }
        func number(_ name: String) -> Int? { if case .integer(let n)? = info[name] { Int(n) } else { nil } }
        let early = max(number("tooOldLogEventEndIndex") ?? 0, number("expiredLogEventEndIndex") ?? 0)
        return early + (number("tooNewLogEventStartIndex").map { events.count - $0 } ?? 0)
    }

    private func call(_ operation: String, _ input: WireValue) throws(Failure) -> WireValue {
        try client.call("logs", operation, input, region: region)
    }
}
