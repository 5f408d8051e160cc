internal import AWSCore
internal import Alarms
internal import LogGroups
internal import Metrics
internal import WireValues

/// The events that alarms were rung by: the first of each minute, for a while. Kept in memory only; at most
/// `mostMinutes` times `FilterSnapshot.mostEvidence` of a metric, of a kilobyte or so each.
struct MetricEvidence {
    static let mostMinutes = 30

    private(set) var minutes: [(minute: Int64, events: [Evidence])] = []

    mutating func add(_ events: [Evidence], minute: Int64) {
        if let place = minutes.firstIndex(where: { $0.minute == minute }) {
            let room = FilterSnapshot.mostEvidence - minutes[place].events.count
            minutes[place].events += events.prefix(max(0, room))
            return
        }
        minutes.append((minute, events))
        if minutes.count > Self.mostMinutes,
            let oldest = minutes.indices.min(by: { minutes[$0].minute < minutes[$1].minute })
        {
            minutes.remove(at: oldest)
        }
    }

    mutating func removeAll(where isGone: (Evidence) -> Bool) {
        for place in minutes.indices { minutes[place].events.removeAll(where: isGone) }
    }

    func events(from start: Int64, through end: Int64) -> [Evidence] {
        minutes.filter { $0.minute >= start && $0.minute <= end }.flatMap(\.events)
    }
}

/// What an alarm is told to have been rung by.
struct AlarmEvidence {
    /// The first of them in order of time.
    var events: [Evidence]
    /// How many there were.
    var count: Int

    static let mostShown = 10

    var json: WireValue {
        ["matches": WireValue(count), "shown": WireValue(events.count), "events": .list(events.map(\.json))]
    }

    /// The lines that stand first in a mail.
    var mail: String {
        // The same by the same is told once.
        var told: [(evidence: Evidence, count: Int)] = []
        for event in events {
            if let last = told.last, last.evidence.what == event.what {
                told[told.count - 1].count += 1
            } else {
                told.append((event, 1))
            }
        }
        var lines = told.map { $0.count == 1 ? $0.evidence.line : "\($0.evidence.line)  (\($0.count) times)" }
        if count > events.count { lines.append("… and \(count - events.count) more") }
        return lines.joined(separator: "\n")
    }

    /// What a subject says of them: who did what.
    var summary: String? {
        guard let first = events.first, let call = first.call else { return nil }
        let name = call.split(separator: ":").last.map(String.init) ?? call
        let more = count > 1 ? " (\(count) events)" : ""
        return "\(first.actor ?? "somebody") called \(name)\(more)"
    }
}

extension PipelineState {
    func remember(_ datum: FilterSnapshot.Datum, in scope: Scope) {
        guard !datum.evidence.isEmpty else { return }
        let key = MetricKey(scope: scope, metric: datum.metric)
        // Only for those who may be asked about it.
        guard watchers[key]?.isEmpty == false else { return }
        evidence[key, default: MetricEvidence()].add(datum.evidence, minute: datum.minute)
    }

    /// What an alarm has been rung by: the events of its evaluation range.
    func evidence(for alarm: AlarmConfiguration, in scope: Scope, at now: Timestamp) -> AlarmEvidence? {
        let range = max(alarm.period, 60) * max(alarm.evaluationPeriods, 1)
        let start = now.minute - Int64(range / 60)
        var events: [Evidence] = []
        var count = 0.0
        for metric in alarm.metrics {
            let key = MetricKey(scope: scope, metric: metric)
            guard let found = evidence[key] else { continue }
            events += found.events(from: start, through: now.minute)
            for series in (metrics[key]?.units ?? [:]).values {
                for minute in start...now.minute { count += series.aggregate(minute: minute)?.sampleCount ?? 0 }
            }
        }
        guard !events.isEmpty else { return nil }
        events.sort { $0.time < $1.time }
        return AlarmEvidence(
            events: Array(events.prefix(AlarmEvidence.mostShown)),
            count: max(Int(exactly: min(count, 1e15).rounded()) ?? 0, events.count))
    }
}
