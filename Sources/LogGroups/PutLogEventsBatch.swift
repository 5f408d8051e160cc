public import AWSCore

/// The events of one PutLogEvents call, judged as a whole and one by one (CloudWatch Logs API Reference,
/// `PutLogEvents`).
public struct PutLogEventsBatch: Sendable {
    /// The events that are stored, in order of time.
    public private(set) var accepted: [LogEvent]
    /// One behind the last event that is too old, if any is.
    public private(set) var tooOldEnd: Int?
    /// The first event that lies too far ahead, if any does.
    public private(set) var tooNewStart: Int?
    /// One behind the last event that the retention of the group has expired, if any is.
    public private(set) var expiredEnd: Int?

    public enum Fault: Error, Hashable {
        case notInOrder
        case spanTooLong
        case tooLarge(Int)
        case emptyMessage
    }

    public static let mostEvents = 10_000
    public static let mostBytes = 1_048_576
    /// Added to the length of each message.
    public static let overhead = 26

    private static let oldest: Int64 = 14 * 86_400_000
    private static let newest: Int64 = 2 * 3_600_000
    /// From the first to the last event, in milliseconds.
    public static let longestSpan: Int64 = 86_400_000

    /// - Throws: when the whole call is refused.
    public init(_ events: [LogEvent], of group: LogGroup, at now: Timestamp) throws(Fault) {
        var bytes = 0
        for (i, event) in events.enumerated() {
            if event.message.utf8.isEmpty { throw .emptyMessage }
            bytes += event.message.utf8.count + Self.overhead
            if i > 0, event.time < events[i - 1].time { throw .notInOrder }
        }
        guard bytes <= Self.mostBytes else { throw .tooLarge(bytes) }
        let expiry = group.expiry(at: now)
        var first = 0
        var last = events.count
        for (i, event) in events.enumerated() {
            let age = now.milliseconds - event.time.milliseconds
            if age > Self.oldest {
                tooOldEnd = i + 1
                first = i + 1
            } else if let expiry, event.time < expiry {
                expiredEnd = i + 1
                first = i + 1
            } else if -age > Self.newest, tooNewStart == nil {
                tooNewStart = i
                last = i
            }
        }
        accepted = first < last ? Array(events[first..<last]) : []
        if let start = accepted.first?.time, let end = accepted.last?.time,
            end.milliseconds - start.milliseconds > Self.longestSpan
        {
            throw .spanTooLong
        }
    }
}
