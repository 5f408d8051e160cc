import AWSCore
import Alarms
import Foundation
import LogGroups
import Metrics
import Notifications
import Pipeline
import Store
import TestSupport
import Testing

@Suite struct `The pipeline` {
    private let scope = Scope(account: "123456789012", region: "us-east-1")
    private let clock = ManualClock(Timestamp("2026-03-01T09:00:30Z") ?? Timestamp(seconds: 0))

    private func pipeline(path: String = ":memory:") throws -> Pipeline {
        try Pipeline(Store(path: path), clock: clock)
    }

    /// A group with a filter, an alarm on its metric, and a topic with a confirmed subscription.
    private func prepare(_ pipeline: Pipeline, _ change: @Sendable (inout AlarmConfiguration) -> Void = { _ in }) throws
    {
        try pipeline.perform { state, now in
            state.logGroups[scope, "g"] = LogGroup(name: "g", creationTime: now)
            state.metricFilters[scope, "g:f"] = MetricFilter(
                name: "f", pattern: "ERROR",
                transformation: MetricTransformation(metricName: "m", metricNamespace: "n", metricValue: "1"),
                creationTime: now)
            var topic = Topic(name: "t", arn: scope.arn("sns", "t"), owner: scope.account)
            topic.attributes["SignatureVersion"] = "2"
            state.topics[scope, "t"] = topic
            var subscription = Subscription(
                arn: topic.arn + ":1", topicARN: topic.arn, protocolName: "http", endpoint: "http://example.com/",
                owner: scope.account, principal: "p", attributes: [:], created: now, token: "x")
            subscription.isConfirmed = true
            state.subscriptions[scope, "t:1"] = subscription
            var alarm = AlarmConfiguration(
                name: "a", metric: Metric(namespace: "n", name: "m"), statistic: "Sum", period: 300,
                evaluationPeriods: 1, threshold: 1, comparisonOperator: .greaterThanOrEqualToThreshold, at: now)
            alarm.alarmActions = [topic.arn]
            alarm.insufficientDataActions = [topic.arn]
            change(&alarm)
            state.put(alarm, in: scope, at: now)
        }
    }

    private func send(_ message: String, to pipeline: Pipeline, age: Int64 = 0) throws {
        try pipeline.perform { state, now in
            let event = LogEvent(time: now.advanced(bySeconds: -age), message: message)
            let data = state.intake(of: "g", in: scope)?.filters.data(of: [event]) ?? []
            state.append([event], data, to: "s", of: "g", in: scope, at: now)
        }
    }

    private func state(_ pipeline: Pipeline) throws -> AlarmState? {
        try pipeline.perform { state, _ in state.alarms[scope, "a"]?.state }
    }

    private func subjects(_ pipeline: Pipeline) throws -> [String] {
        try pipeline.perform { state, now in
            state.claimDeliveries(limit: 100, at: now).compactMap(\.delivery.subject)
        }
    }

    /// Lets minutes pass, each with its tick.
    private func pass(minutes: Int, _ pipeline: Pipeline) throws {
        for _ in 0..<minutes {
            clock.advance(bySeconds: 60)
            try pipeline.tick()
        }
    }

    @Test func `tells a breach at once, and its end when the data have left the evaluation range`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try send("fine", to: pipeline)
        #expect(try state(pipeline) == .insufficientData)
        try send("an ERROR", to: pipeline)
        #expect(try state(pipeline) == .alarm)
        #expect(try subjects(pipeline) == ["ALARM: \"a\" in US East (N. Virginia)"])
        // Three periods of five minutes are looked at; while the event is in one of them the alarm stays.
        try pass(minutes: 15, pipeline)
        #expect(try state(pipeline) == .alarm)
        try pass(minutes: 1, pipeline)
        #expect(try state(pipeline) == .insufficientData)
        #expect(try subjects(pipeline) == ["INSUFFICIENT_DATA: \"a\" in US East (N. Virginia)"])
    }

    @Test func `judges alarms whose last minute was slept through`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try send("an ERROR", to: pipeline)
        try pass(minutes: 1, pipeline)
        #expect(try state(pipeline) == .alarm)
        clock.advance(bySeconds: 3600)
        try pipeline.tick()
        #expect(try state(pipeline) == .insufficientData)
        try send("another ERROR", to: pipeline)
        #expect(try state(pipeline) == .alarm)
    }

    @Test func `rings for an event that came late, if its period is still looked at`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try pass(minutes: 3, pipeline)
        try send("an old ERROR", to: pipeline, age: 3600)
        #expect(try state(pipeline) == .insufficientData)
        try send("a late ERROR", to: pipeline, age: 600)
        #expect(try state(pipeline) == .alarm)
    }

    @Test func `does not ring early when more data could end the breach`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline) {
            $0.comparisonOperator = .lessThanThreshold
            $0.threshold = 2
            $0.period = 60
        }
        try send("an ERROR", to: pipeline)
        #expect(try state(pipeline) == .insufficientData)
        try pass(minutes: 1, pipeline)
        #expect(try state(pipeline) == .alarm)
    }

    @Test func `sends nothing while the actions of an alarm are disabled, and writes its history all the same`() throws
    {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline) { $0.actionsEnabled = false }
        try send("an ERROR", to: pipeline)
        #expect(try state(pipeline) == .alarm)
        #expect(try subjects(pipeline).isEmpty)
        #expect(try historyCount(pipeline) == 2)
    }

    @Test func `knows everything again after a restart`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("store.db").path
        let first = try pipeline(path: path)
        try prepare(first)
        try send("an ERROR", to: first)
        first.stop()
        let second = try pipeline(path: path)
        defer { second.stop() }
        #expect(try state(second) == .alarm)
        #expect(try subjects(second).count == 1)
        try send("another ERROR", to: second)
        let sum = try second.perform { state, now in
            state.series(of: Metric(namespace: "n", name: "m"), in: scope, from: now.minute - 5)["None"]?
                .aggregate(minute: now.minute)?.sum
        }
        #expect(sum == 2)
        #expect(try second.perform { state, _ in state.storedBytes(of: "g", in: scope) } == 21)
    }

    @Test func `tells who has lost something, and goes on from what is stored`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        #expect(throws: StoreError.self) {
            try pipeline.perform { state, now in
                // Not to be written as JSON, so not to be stored.
                var alarm = state.alarms[scope, "a"]
                alarm?.threshold = .infinity
                state.alarms[scope, "a"] = alarm
                state.logGroups[scope, "lost"] = LogGroup(name: "lost", creationTime: now)
            }
        }
        try pipeline.perform { state, _ in
            #expect(state.alarms[scope, "a"]?.threshold == 1)
            #expect(state.logGroups[scope, "lost"] == nil && state.logGroups[scope, "g"] != nil)
        }
        try send("an ERROR", to: pipeline)
        #expect(try state(pipeline) == .alarm)
    }

    @Test func `forgets everything when it is reset, what is on its way included`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try pipeline.reset()
        #expect(try pipeline.perform { state, _ in state.logGroups.count(in: scope) } == 0)
        try prepare(pipeline)
        #expect(try state(pipeline) == .insufficientData)
    }

    @Test func `tries a delivery again as its policy says, and then gives it up`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try send("an ERROR", to: pipeline)
        for _ in 0..<4 {
            let claimed = try pipeline.perform { state, now in state.claimDeliveries(limit: 9, at: now) }
            #expect(claimed.count == 1)
            try pipeline.perform { state, now in
                for (scope, delivery) in claimed { state.finish(delivery, in: scope, .failed("no answer"), at: now) }
                #expect(state.claimDeliveries(limit: 9, at: now).isEmpty)
            }
            clock.advance(bySeconds: 20)
        }
        #expect(try pipeline.perform { state, _ in state.nextDelivery() } == nil)
    }

    @Test func `keeps a metric whole that is taken out of memory and used again`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try send("an ERROR", to: pipeline)
        let minute = clock.now.minute
        clock.advance(bySeconds: 3 * 86_400)
        try pipeline.expire()
        try pipeline.perform { state, now in
            let metric = Metric(namespace: "n", name: "m")
            #expect(state.series(of: metric, in: scope, from: now.minute)["None"]?.isEmpty == true)
            state.publish(PeriodAggregate(value: 1), to: metric, unit: "None", minute: minute, in: scope)
            #expect(state.series(of: metric, in: scope, from: minute)["None"]?.aggregate(minute: minute)?.sum == 2)
        }
    }

    @Test func `deletes what its retention has expired, and nothing else`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try prepare(pipeline)
        try pipeline.perform { state, _ in state.logGroups[scope, "g"]?.retentionInDays = 1 }
        try send("an ERROR of old", to: pipeline)
        clock.advance(bySeconds: 86_000)
        try send("young", to: pipeline)
        try pipeline.expire()
        #expect(try messages(pipeline) == ["an ERROR of old", "young"])
        clock.advance(bySeconds: 500)
        try pipeline.expire()
        #expect(try messages(pipeline) == ["young"])
        #expect(try pipeline.perform { state, _ in state.storedBytes(of: "g", in: scope) } == 5)
        // The alarm's history is kept for thirty days.
        #expect(try historyCount(pipeline) > 0)
        clock.advance(bySeconds: 31 * 86_400)
        try pipeline.expire()
        #expect(try historyCount(pipeline) == 0)
    }

    private func messages(_ pipeline: Pipeline) throws -> [String] {
        let search = EventSearch(scope: scope, group: "g", start: Timestamp(seconds: 0), end: clock.now)
        return try search.run(in: pipeline.store).events.map(\.message)
    }

    private func historyCount(_ pipeline: Pipeline) throws -> Int {
        var count = 0
        try pipeline.store.entries(
            of: PipelineState.historyJournal, in: scope, from: Timestamp(seconds: 0), to: clock.now, newestFirst: false
        ) { _ in
            count += 1
            return true
        }
        return count
    }
}
