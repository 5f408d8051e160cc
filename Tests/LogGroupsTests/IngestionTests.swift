import AWSCore
import LogGroups
import Metrics
import Testing

@Suite struct `A batch of log events` {
    private let now = Timestamp(seconds: 1_800_000_000)
    private var group = LogGroup(name: "g", creationTime: Timestamp(seconds: 0))

    private func batch(_ ages: [Int64], retention: Int? = nil) throws -> PutLogEventsBatch {
        var group = group
        group.retentionInDays = retention
        return try PutLogEventsBatch(
            ages.map { LogEvent(time: now.advanced(bySeconds: -$0), message: "m") }, of: group, at: now)
    }

    @Test func `loses what is too old, expired or too new, and keeps the rest`() throws {
        let day: Int64 = 86_400
        let mixed = try batch([15 * day, 14 * day + 1, day - 8000, 5, -7000, -7201, -9000])
        #expect(mixed.tooOldEnd == 2 && mixed.tooNewStart == 5 && mixed.expiredEnd == nil && mixed.accepted.count == 3)
        let short = try batch([10 * day, 4 * day, 2 * day, day + 1], retention: 3)
        #expect(short.expiredEnd == 2 && short.accepted.count == 2)
    }

    @Test func `out of order, over a day long, or with an empty message is refused whole`() {
        #expect(throws: PutLogEventsBatch.Fault.notInOrder) { try batch([1, 2]) }
        #expect(throws: PutLogEventsBatch.Fault.spanTooLong) { try batch([86_402, 1]) }
        #expect(throws: PutLogEventsBatch.Fault.emptyMessage) {
            _ = try PutLogEventsBatch([LogEvent(time: now, message: "")], of: group, at: now)
        }
        #expect(throws: PutLogEventsBatch.Fault.self) {
            let large = String(repeating: "x", count: 600_000)
            _ = try PutLogEventsBatch(
                [LogEvent(time: now, message: large), LogEvent(time: now, message: large)], of: group, at: now)
        }
    }
}

@Suite struct `The filters of a group` {
    private let minute: Int64 = 30_000_000

    private func filter(_ pattern: String, _ transformation: MetricTransformation) -> MetricFilter {
        MetricFilter(name: "f", pattern: pattern, transformation: transformation, creationTime: Timestamp(seconds: 0))
    }

    private func events(_ messages: String...) -> [LogEvent] {
        messages.map { LogEvent(time: Timestamp(seconds: minute * 60), message: $0) }
    }

    @Test func `publish a constant for each match, in the minute of the event`() {
        let snapshot = FilterSnapshot([
            filter("ERROR", MetricTransformation(metricName: "m", metricNamespace: "n", metricValue: "2"))
        ])
        let data = snapshot.data(of: events("ERROR a", "fine", "an ERROR"))
        #expect(data.count == 1 && data[0].minute == minute && data[0].unit == "None")
        #expect(data[0].aggregate.sum == 4 && data[0].aggregate.sampleCount == 2)
    }

    @Test func `publish values and dimensions that stand in the event`() {
        let json = FilterSnapshot([
            filter(
                "{ $.bytes > 0 }",
                MetricTransformation(
                    metricName: "m", metricNamespace: "n", metricValue: "$.bytes", dimensions: ["host": "$.host"]))
        ])
        let data = json.data(of: events(#"{"bytes":5,"host":"a"}"#, #"{"bytes":7,"host":"b"}"#, #"{"bytes":9}"#))
        #expect(Set(data.map(\.aggregate.sum)) == [5, 7])
        #expect(Set(data.map { $0.metric.dimensions[0].value }) == ["a", "b"])
        let fields = FilterSnapshot([
            filter(
                "[ip, size > 1]", MetricTransformation(metricName: "m", metricNamespace: "n", metricValue: "$size"))
        ])
        #expect(fields.data(of: events("1.2.3.4 8", "1.2.3.4 0")).map(\.aggregate.sum) == [8])
    }

    @Test func `publish a default once for a minute without a match`() {
        let snapshot = FilterSnapshot([
            filter(
                "ERROR",
                MetricTransformation(metricName: "m", metricNamespace: "n", metricValue: "1", defaultValue: 0))
        ])
        let data = snapshot.data(of: events("a", "b"))
        #expect(data.count == 1 && data[0].isDefault && data[0].aggregate.sum == 0)
        #expect(snapshot.data(of: events("ERROR", "b")).allSatisfy { !$0.isDefault })
    }
}
