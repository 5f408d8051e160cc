import AWSCore
import Foundation
import Notifications
import Pipeline
import Store
import TestSupport
import Testing

@Suite struct `Like alarms` {
    private let scope = Scope(account: "123456789012", region: "us-east-1")
    private let clock = ManualClock(Timestamp("2026-03-01T09:00:00Z") ?? Timestamp(seconds: 0))

    private func pipeline(
        _ path: String = ":memory:", protocolName: String = "email", attributes: [String: String] = [:]
    ) throws -> Pipeline {
        let pipeline = try Pipeline(Store(path: path), clock: clock)
        try pipeline.perform { state, now in
            guard state.topics[scope, "t"] == nil else { return }
            let topic = Topic(name: "t", arn: scope.arn("sns", "t"), owner: scope.account)
            state.topics[scope, "t"] = topic
            var subscription = Subscription(
                arn: topic.arn + ":1", topicARN: topic.arn, protocolName: protocolName, endpoint: "x", owner: "o",
                principal: "p", attributes: attributes, created: now, token: "x")
            subscription.isConfirmed = true
            state.subscriptions[scope, "t:1"] = subscription
        }
        return pipeline
    }

    private func ring(
        _ pipeline: Pipeline, _ identity: String? = "alice called StopLogging", isRinging: Bool = true,
        account: String = "123456789012", isPast: Bool = false
    ) throws {
        let subject = isRinging ? "ALARM" : "OK"
        let more = Announcement.More(
            mailSubject: subject, mail: "mail", html: "<p>mail</p>",
            chat: ChatMessage(title: subject, lines: []),
            alarm: Announcement.Alarm(
                name: "a", arn: Scope(account: account, region: "us-east-1").arn("cloudwatch", "alarm:a"),
                isRinging: isRinging, identity: isRinging ? identity : nil, isPast: isPast))
        try pipeline.perform { state, now in
            _ = state.publish(Announcement(subject: subject, message: "{}", more: more), to: "t", in: scope, at: now)
        }
    }

    /// The subjects and texts that are sent since the last call, after so many seconds.
    private func told(_ pipeline: Pipeline, after seconds: Int64 = 0) throws -> [String] {
        clock.advance(bySeconds: seconds)
        return try pipeline.perform { state, now in
            state.endPeriods(at: now)
            return state.claimDeliveries(limit: 99, at: now).map {
                "\($0.delivery.subject ?? "")|\($0.delivery.message)"
            }
        }
    }

    @Test func `are told once, and counted at the end of each hour until they cease`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try ring(pipeline)
        try ring(pipeline, isRinging: false)
        #expect(try told(pipeline).sorted() == ["ALARM|mail", "OK|mail"])
        for _ in 0..<49 {
            clock.advance(bySeconds: 60)
            try ring(pipeline)
            try ring(pipeline, isRinging: false)
        }
        #expect(try told(pipeline) == [])
        #expect(try pipeline.perform { state, _ in state.nextPeriodEnd() } == Timestamp("2026-03-01T10:00:00Z"))
        #expect(try told(pipeline, after: 11 * 60 - 1) == [])
        let summary = try told(pipeline, after: 1)
        #expect(summary.count == 1)
        #expect(
            summary.first?.hasPrefix(#"ALARM: "a" rang 49 times more in US East (N. Virginia)|a rang 49 times more"#)
                == true)
        #expect(summary.first?.contains("alice called StopLogging") == true)
        // The next hour has begun with that.
        try ring(pipeline)
        #expect(try told(pipeline) == [])
        #expect(try told(pipeline, after: 3600).first?.contains("once more") == true)
        // And when it was quiet for an hour it is told anew.
        #expect(try told(pipeline, after: 3600) == [])
        try ring(pipeline)
        #expect(try told(pipeline) == ["ALARM|mail"])
    }

    @Test func `that are over are told to be, when their count was told last`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try ring(pipeline)
        try ring(pipeline, isRinging: false)
        clock.advance(bySeconds: 3000)
        try ring(pipeline)
        #expect(try told(pipeline).count == 2)
        #expect(try told(pipeline, after: 600).first?.contains("once more") == true)
        clock.advance(bySeconds: 600)
        try ring(pipeline, isRinging: false)
        #expect(try told(pipeline) == ["OK|mail"])
    }

    @Test func `of long ago are folded among themselves, and hold back no way to OK`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try ring(pipeline)
        for _ in 0..<3 { try ring(pipeline, "alice called StopLogging (long ago)", isPast: true) }
        try ring(pipeline, isRinging: false)
        #expect(try told(pipeline).sorted() == ["ALARM|mail", "ALARM|mail", "OK|mail"])
    }

    @Test func `of another account are other alarms, whatever their name`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        try ring(pipeline)
        try ring(pipeline, account: "210987654321")
        #expect(try told(pipeline).count == 2)
    }

    @Test func `of another caller, or of nobody who is known, are told`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        for identity in ["alice", "bob", nil, "alice, bob", nil] { try ring(pipeline, identity) }
        #expect(try told(pipeline).count == 5)
    }

    @Test func `that were held are not forgotten when the server is killed`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try pipeline(path)
        try ring(first)
        #expect(try told(first) == ["ALARM|mail"])
        try ring(first)
        first.stop()
        let second = try pipeline(path)
        defer { second.stop() }
        // What was claimed and not finished is delivered once more; the count comes at its time.
        _ = try told(second)
        #expect(try told(second, after: 3600).filter { $0.contains("once more") }.count == 1)
    }

    @Test(arguments: [
        ("http", [:]), ("email", ["TrailwardenFolding": "false"]), ("email", ["TrailwardenEvidence": "false"]),
    ])
    func `are all told to machines, and to those who want them`(protocolName: String, attributes: [String: String])
        throws
    {
        let pipeline = try pipeline(protocolName: protocolName, attributes: attributes)
        defer { pipeline.stop() }
        for _ in 0..<3 { try ring(pipeline) }
        #expect(try told(pipeline).count == 3)
    }

    @Test func `of more callers than are kept in mind lose no count`() throws {
        let pipeline = try pipeline()
        defer { pipeline.stop() }
        for caller in 0..<70 {
            try ring(pipeline, "caller \(caller)")
            try ring(pipeline, "caller \(caller)")
        }
        let early = try told(pipeline)
        let late = try told(pipeline, after: 3600)
        #expect(early.filter { $0 == "ALARM|mail" }.count == 70)
        #expect((early + late).filter { $0.contains("once more") }.count == 70)
    }
}
