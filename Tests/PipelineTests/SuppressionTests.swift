import AWSCore
import Alarms
import Metrics
import Notifications
import Pipeline
import Store
import TestSupport
import Testing

/// The alarm `c` rings when `a` does; `s` holds its actions back, with a wait of 60 seconds and 120 more at the end.
@Suite struct `A composite alarm with a suppressor` {
    private let scope = Scope(account: "123456789012", region: "us-east-1")
    private let clock = ManualClock(Timestamp("2026-03-01T09:00:30Z") ?? Timestamp(seconds: 0))
    private let pipeline: Pipeline

    init() throws {
        pipeline = try Pipeline(Store(path: ":memory:"), clock: clock)
        try pipeline.perform { state, now in
            let topic = Topic(name: "t", arn: scope.arn("sns", "t"), owner: scope.account)
            state.topics[scope, "t"] = topic
            var subscription = Subscription(
                arn: topic.arn + ":1", topicARN: topic.arn, protocolName: "http", endpoint: "http://example.com/",
                owner: scope.account, principal: "p", attributes: [:], created: now, token: "x")
            subscription.isConfirmed = true
            state.subscriptions[scope, "t:1"] = subscription
            for name in ["a", "s"] {
                state.put(
                    AlarmConfiguration(
                        name: name, metric: Metric(namespace: "n", name: name), statistic: "Sum", period: 60,
                        evaluationPeriods: 1, threshold: 1, comparisonOperator: .greaterThanOrEqualToThreshold, at: now),
                    in: scope, at: now)
            }
            var composite = CompositeAlarm(name: "c", rule: "ALARM(a)", at: now)
            composite.suppressor = ActionsSuppressor(alarm: "s", waitPeriod: 60, extensionPeriod: 120)
            composite.alarmActions = [topic.arn]
            composite.okActions = [topic.arn]
            state.put(composite, in: scope, at: now)
            _ = state.claimDeliveries(limit: 9, at: now)
        }
    }

    private func set(_ alarm: String, _ value: AlarmState) throws {
        try pipeline.perform { state, now in
            guard let row = state.alarms[scope, alarm] else { return }
            state.setState(of: row, in: scope, to: value, reason: "", reasonData: nil, at: now)
        }
    }

    /// The states that subscribers have been told since the last call, after so many seconds.
    private func told(after seconds: Int64 = 0) throws -> [String] {
        clock.advance(bySeconds: seconds)
        return try pipeline.perform { state, now in
            state.endPeriods(at: now)
            return state.claimDeliveries(limit: 9, at: now).compactMap { $0.delivery.subject?.split(separator: ":")[0] }
                .map(String.init)
        }
    }

    private var cause: String? {
        get throws {
            try pipeline.perform { state, _ in state.compositeAlarms[scope, "c"]?.suppression?.cause.rawValue }
        }
    }

    @Test func `tells at the end of the wait when the suppressor did not come`() throws {
        try set("a", .alarm)
        #expect(try cause == "WaitPeriod")
        #expect(try told(after: 59) == [])
        #expect(try told(after: 1) == ["ALARM"])
        #expect(try cause == nil)
        try set("a", .ok)
        #expect(try told() == ["OK"])
    }

    @Test func `tells nothing when it is back before the wait is over`() throws {
        try set("a", .alarm)
        try set("a", .ok)
        #expect(try cause == nil)
        #expect(try told(after: 300) == [])
    }

    @Test func `is silent while the suppressor rings, and tells after the extension how it stands then`() throws {
        try set("a", .alarm)
        #expect(try told(after: 30) == [])
        try set("s", .alarm)
        #expect(try cause == "Alarm")
        #expect(try told(after: 3600) == [])
        try set("s", .ok)
        #expect(try cause == "ExtensionPeriod")
        #expect(try pipeline.perform { state, now in state.nextPeriodEnd() == now.advanced(bySeconds: 120) })
        #expect(try told(after: 119) == [])
        #expect(try told(after: 1) == ["ALARM"])
    }

    @Test func `tells nothing after the extension when all has passed meanwhile`() throws {
        try set("s", .alarm)
        try set("a", .alarm)
        #expect(try cause == "Alarm")
        try set("a", .ok)
        try set("s", .ok)
        #expect(try told(after: 121) == [])
        #expect(try cause == nil)
    }

    @Test func `tells what was held back when it is put without its suppressor`() throws {
        try set("s", .alarm)
        try set("a", .alarm)
        try pipeline.perform { state, now in
            guard var composite = state.compositeAlarms[scope, "c"] else { return }
            composite.suppressor = nil
            composite.suppression = nil
            state.put(composite, in: scope, at: now)
        }
        #expect(try told() == ["ALARM"])
    }

    @Test func `tells at once what became due while nobody looked, before what came after`() throws {
        try set("a", .alarm)
        clock.advance(bySeconds: 61)
        try set("a", .ok)
        #expect(try told() == ["ALARM", "OK"])
    }

    @Test func `is let go when its suppressor is deleted`() throws {
        try set("s", .alarm)
        try set("a", .alarm)
        try pipeline.perform { state, now in state.deleteAlarm("s", in: scope, at: now) }
        #expect(try told(after: 120) == ["ALARM"])
    }
}
