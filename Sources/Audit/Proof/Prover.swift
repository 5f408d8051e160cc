public import AWSCore
public import Controls
internal import Metrics
internal import WireValues

/// What came of proving one control.
public struct ProofResult: Sendable {
    public enum Outcome: Sendable, Equatable {
        /// Every sample counted, an alarm rang, and somebody was told, so many milliseconds after the events were sent.
        case proved(fired: Int, delivered: Int)
        /// Where the chain broke, in words.
        case broken(ChainStep, String)
        /// It was not tried, in words.
        case skipped(String)
    }

    public let control: Control
    public let outcome: Outcome
    /// The alarm that rang, and the endpoint that was told.
    public internal(set) var alarm: String?
    public internal(set) var endpoint: String?

    public var isProved: Bool { if case .proved = outcome { true } else { false } }
}

/// Proves at the service of this project that controls work: sends sample events down the deployed chain, sees whether the
/// alarm rings for those that must ring it and for no others, and whether the message arrives; then takes all back.
public struct Prover<Reader: AccountReader> {
    private let service: Reader
    private let clock: any WallClock
    private let pause: (Double) -> Void
    private let stream: String
    /// How long a delivery may take, in milliseconds.
    private let patience: Int64

    /// - Parameters:
    ///   - service: calls the service; its answers must be fresh every time.
    ///   - name: of the stream that the events go to.
    ///   - pause: waits so many seconds between two looks at the log of deliveries.
    public init(
        _ service: Reader, name: String, patience: Int64 = 30_000, clock: any WallClock,
        pause: @escaping (Double) -> Void
    ) {
        self.service = service
        self.clock = clock
        self.pause = pause
        self.patience = patience
        stream = name
    }

    public func prove(_ result: ControlResult) -> ProofResult {
        let control = result.control
        func skipped(_ words: String) -> ProofResult { ProofResult(control: control, outcome: .skipped(words)) }
        guard control.subject == .events else { return skipped("there are no events to send") }
        guard let chain = result.chains.first else { return skipped("the audit finds it \(result.verdict.rawValue)") }
        guard control.samples.contains(where: \.isRequired) else { return skipped("it has no sample events") }
        let place: WireValue = ["logGroupName": .string(chain.logGroup), "logStreamName": .string(stream)]
        do throws(ReadFailure) {
            let proof: ProofResult
            do throws(ReadFailure) {
                proof = try prove(control, result.chains, place, chain.region)
            } catch {
                _ = try? service.call("trailwarden", "EndProof", place, region: chain.region)
                throw error
            }
            if case .skipped = proof.outcome { return proof }
            _ = try service.call("trailwarden", "EndProof", place, region: chain.region)
            return proof
        } catch {
            if error.isNoService || error.code == "UnknownOperationException" {
                return skipped("only the service of this project can take back what a proof sends")
            }
            return ProofResult(control: control, outcome: .broken(.logGroup, error.words))
        }
    }

    private func prove(
        _ control: Control, _ chains: [LiveChain], _ place: WireValue, _ region: String
    ) throws(ReadFailure) -> ProofResult {
        func result(_ outcome: ProofResult.Outcome) -> ProofResult { ProofResult(control: control, outcome: outcome) }
        let names = Set(chains.map(\.alarm))
        if let ringing = try ringing(names, region).first {
            return result(.skipped("\(ringing.name) is in ALARM already, and can't ring again"))
        }
        _ = try service.call("trailwarden", "BeginProof", place, region: region)
        // The window stays where it is while events are counted.
        let since = clock.now.seconds / 60 * 60 - 600
        let metrics = Array(Set(chains.map(\.metric)))
        let before = try count(metrics, since: since, region)
        let others = control.samples.filter { !$0.isRequired }
        if !others.isEmpty {
            try send(others, times: 1, place, region)
            if try count(metrics, since: since, region) != before {
                var culprit = "a sample event"
                for sample in others {
                    let earlier = try count(metrics, since: since, region)
                    try send([sample], times: 1, place, region)
                    if try count(metrics, since: since, region) != earlier {
                        culprit = sample.summary
                        break
                    }
                }
                return result(.broken(.filter, "it also rings for what it is not about: \(culprit)"))
            }
        }
        let required = control.samples.filter(\.isRequired)
        let times = chains.map(\.events).max() ?? 1
        let start = clock.now
        try send(required, times: times, place, region)
        let counted = try count(metrics, since: since, region) - before
        guard counted >= Double(required.count * times) else {
            return result(
                .broken(
                    .transformation,
                    "\(required.count * times) sample events were sent, and the metric counted \(counted)"))
        }
        guard let rung = try watch({ () throws(ReadFailure) in try ringing(names, region).first })
        else { return result(.broken(.alarm, "\(names.sorted().joined(separator: ", ")) did not ring")) }
        let fired = max(0, (rung.since ?? clock.now).milliseconds - start.milliseconds)
        let topics = chains.filter { $0.alarm == rung.name }.flatMap(\.topics)
        let told = try watch { () throws(ReadFailure) in
            try delivery(of: rung.name, by: topics, since: start, region)
        }
        guard let told else {
            return result(
                .broken(
                    .subscription,
                    "\(rung.name) rang, and nothing was delivered by \(topics.joined(separator: ", ")) within "
                        + "\(patience / 1000) s"))
        }
        let delivered = told.time - start.milliseconds
        var proof = result(.proved(fired: Int(fired), delivered: Int(max(delivered, 0))))
        (proof.alarm, proof.endpoint) = (rung.name, told.endpoint)
        return proof
    }

    private func send(
        _ samples: [SampleEvent], times: Int, _ place: WireValue, _ region: String
    ) throws(ReadFailure) {
        let now = clock.now.milliseconds
        for sample in samples {
            // Marked, for whoever finds it before it is gone.
            var text = sample.json
            while text.last?.isWhitespace == true { text.removeLast() }
            if !text.contains("\"userAgent\""), text.last == "}" {
                text = text.dropLast() + ",\"userAgent\":\"\(stream)\"}"
            }
            // A call takes a megabyte.
            let most = max(1, 900_000 / (text.utf8.count + 26))
            var left = times
            while left > 0 {
                let event: WireValue = ["timestamp": .integer(now), "message": .string(text)]
                let events = Array(repeating: event, count: min(left, most))
                _ = try service.call(
                    "logs", "PutLogEvents", .structure(place.members + [WireMember("logEvents", .list(events))]),
                    region: region)
                left -= events.count
            }
        }
    }

    /// What the metrics have counted lately.
    private func count(_ metrics: [Metric], since start: Int64, _ region: String) throws(ReadFailure) -> Double {
        var sum = 0.0
        for metric in metrics {
            let answer = try service.call(
                "monitoring", "GetMetricStatistics",
                [
                    "Namespace": .string(metric.namespace), "MetricName": .string(metric.name), "Period": 60,
                    "StartTime": .string(Timestamp(seconds: start).description),
                    "EndTime": .string(Timestamp(seconds: clock.now.seconds + 120).description),
                    "Statistics": ["SampleCount"],
                ], region: region)
            for point in answer.items("Datapoints") { sum += point.number("SampleCount") ?? 0 }
        }
        return sum
    }

    /// Those of the alarms that are in ALARM, and since when.
    private func ringing(
        _ names: Set<String>, _ region: String
    ) throws(ReadFailure) -> [(name: String, since: Timestamp?)] {
        let answer = try service.call(
            "monitoring", "DescribeAlarms", ["AlarmNames": WireValue(names.sorted())], region: region)
        return answer.items("MetricAlarms").filter { $0.text("StateValue") == "ALARM" }
            .map { ($0.text("AlarmName") ?? "", $0.text("StateUpdatedTimestamp").flatMap { Timestamp($0) }) }
    }

    private func delivery(
        of alarm: String, by topics: [String], since start: Timestamp, _ region: String
    ) throws(ReadFailure) -> (time: Int64, endpoint: String)? {
        for topic in topics {
            let answer = try service.call(
                "trailwarden", "DescribeDeliveries",
                ["topicArn": .string(topic), "startTime": .integer(start.milliseconds)],
                region: ARN(topic)?.region ?? region)
            for delivery in answer.items("deliveries") where delivery.text("status") == "delivered" {
                guard delivery.text("kind") == "Notification",
                    delivery.text("subject")?.contains("\"" + alarm.prefix(60)) == true
                else { continue }
                return (Int64(delivery.number("time") ?? 0), delivery.text("endpoint") ?? "")
            }
        }
        return nil
    }

    /// Looks until there is something, or too long.
    private func watch<Found>(
        _ look: () throws(ReadFailure) -> Found?
    ) throws(ReadFailure) -> Found? {
        let end = clock.now.milliseconds + patience
        while true {
            if let found = try look() { return found }
            if clock.now.milliseconds >= end { return nil }
            pause(0.02)
        }
    }
}
