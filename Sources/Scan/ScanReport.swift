public import AWSCore
public import CloudTrail
public import FilterPattern
public import Metrics

/// What a filter would have seen.
public struct FilterTally: Sendable {
    public internal(set) var matches = 0
    /// The earliest and the latest time of a match; nil while no match carried a time.
    public internal(set) var first: Timestamp?
    public internal(set) var last: Timestamp?
    /// One count a match, in the minute of the event: the metric of the filter.
    public internal(set) var series = MinuteSeries()
    /// The matches of each caller by minute, where they are kept apart.
    public internal(set) var callers: [Caller: [Int64: Int]] = [:]
    var actors = TextCounter()
    var addresses = TextCounter()
    /// Matches by minute, as the scan gathers them.
    var minutes: [Int64: Int] = [:]

    /// A caller by the value that an exception would name.
    public struct Caller: Hashable, Sendable {
        public var selector: Selector
        public var value: String
    }

    /// More callers are not kept apart.
    static let mostCallers = 5000

    public typealias Count = (text: String, count: Int)

    /// Who made the calls: the ARN, or what else names the caller.
    public func topActors(_ count: Int) -> [Count] { actors.top(count) }
    public func topAddresses(_ count: Int) -> [Count] { addresses.top(count) }
    public var actorCount: Int { actors.distinctCount }
    public var addressCount: Int { addresses.distinctCount }

    mutating func merge(_ other: FilterTally) {
        matches += other.matches
        if let time = other.first { note(time) }
        if let time = other.last { note(time) }
        actors.merge(other.actors)
        addresses.merge(other.addresses)
        minutes.merge(other.minutes, uniquingKeysWith: +)
        for (caller, minutes) in other.callers { callers[caller, default: [:]].merge(minutes, uniquingKeysWith: +) }
    }

    mutating func note(_ time: Timestamp) {
        first = min(first ?? time, time)
        last = max(last ?? time, time)
    }

    mutating func add(_ caller: Caller, minute: Int64) {
        guard callers[caller] != nil || callers.count < Self.mostCallers else { return }
        callers[caller, default: [:]][minute, default: 0] += 1
    }

    /// Turns the counts by minute into the metric.
    mutating func finish() {
        for (minute, count) in minutes { series.add(PeriodAggregate(value: 1, count: Double(count)), minute: minute) }
        minutes = [:]
    }
}

/// What a scan found.
public struct ScanReport: Sendable {
    /// In the order of the filters.
    public internal(set) var tallies: [FilterTally]
    /// Files that held CloudTrail records.
    public internal(set) var files = 0
    public internal(set) var digests = 0
    public internal(set) var records = 0
    /// Of the records, those that CloudTrail Insights wrote.
    public internal(set) var insights = 0
    /// Of the records, those whose `eventID` had been seen before.
    public internal(set) var duplicates = 0
    /// Of the records, those with bytes that are no UTF-8.
    public internal(set) var repaired = 0
    /// After decompression, and on disk.
    public internal(set) var bytes = 0
    public internal(set) var bytesOnDisk = 0
    /// The time of the earliest and the latest record.
    public internal(set) var first: Timestamp?
    public internal(set) var last: Timestamp?
    /// What could not be read, in the order of the files; at most `faultLimit` in full.
    public internal(set) var faults: [LogFault] = []
    public internal(set) var faultCount = 0

    public static let faultLimit = 1000
}

extension ScanReport {
    /// The report with faults that occurred before the scan, such as paths that could not be opened.
    public func adding(faults earlier: [LogFault]) -> ScanReport {
        var report = self
        report.faults = Array((earlier + report.faults).prefix(Self.faultLimit))
        report.faultCount += earlier.count
        return report
    }
}
