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
    /// Whether it was long ago: then it is like no ring of the present.
    var isPast = false

    static let mostShown = 10

    /// Nil when there are none.
    init?(_ events: [Evidence], count: Int) {
        guard !events.isEmpty else { return nil }
        self.events = Array(events.sorted { $0.time < $1.time }.prefix(Self.mostShown))
        self.count = count
    }

    var json: WireValue {
        ["matches": WireValue(count), "shown": WireValue(events.count), "events": .list(events.map(\.json))]
    }

    /// The events that are shown; of like ones in a row the first, and how many they are.
    var told: [(evidence: Evidence, count: Int)] {
        var told: [(evidence: Evidence, count: Int)] = []
        for event in events {
            if let last = told.last, last.evidence.what == event.what {
                told[told.count - 1].count += 1
            } else {
                told.append((event, 1))
            }
        }
        return told
    }

    /// A line for each, and one for those that are not shown.
    var lines: [String] {
        var lines = told.map { $0.count == 1 ? $0.evidence.line : "\($0.evidence.line)  (\($0.count) times)" }
        if count > events.count { lines.append("… and \(count - events.count) more") }
        return lines
    }

    /// Who called what, and was refused or not: alarms with the same are the same to a person.
    var identity: String? {
        let acts = events.map { event -> String? in
            event.who.map { "\($0) called \(event.call ?? "something")\(event.errorCode.map { " (\($0))" } ?? "")" }
        }
        // Of events whose caller is not known nobody can say that they are the same.
        guard acts.allSatisfy({ $0 != nil }) else { return nil }
        return Set(acts.compactMap { $0 }).sorted().joined(separator: ", ") + (isPast ? " (long ago)" : "")
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
        evidence(of: [alarm], in: scope, at: now)
    }

    /// The events that alarms look at, those of a metric once.
    private func evidence(of alarms: [AlarmConfiguration], in scope: Scope, at now: Timestamp) -> AlarmEvidence? {
        var ranges: [Metric: Int] = [:]
        for alarm in alarms {
            let range = max(alarm.period, 60) * max(alarm.evaluationPeriods, 1)
            for metric in alarm.metrics { ranges[metric] = max(ranges[metric] ?? 0, range) }
        }
        var events: [Evidence] = []
        var count = 0.0
        for (metric, range) in ranges {
            let start = now.minute - Int64(range / 60)
            let key = MetricKey(scope: scope, metric: metric)
            guard let found = evidence[key] else { continue }
            events += found.events(from: start, through: now.minute)
            for series in (metrics[key]?.units ?? [:]).values {
                for minute in start...now.minute { count += series.aggregate(minute: minute)?.sampleCount ?? 0 }
            }
        }
        return AlarmEvidence(events, count: max(Int(exactly: min(count, 1e15).rounded()) ?? 0, events.count))
    }

    /// What a composite alarm has been rung by: the events of the alarms that are ringing in its rule, or in the rules of
    /// composite alarms in it.
    func evidence(for alarm: CompositeAlarm, in scope: Scope, at now: Timestamp) -> AlarmEvidence? {
        var seen: Set<String> = [alarm.name]
        var ringing: [AlarmConfiguration] = []
        var waiting = [alarm]
        while let present = waiting.popLast() {
            for child in (try? AlarmRule(present.rule))?.children ?? [] {
                let name = ARN(child).map { String($0.resource.dropFirst("alarm:".count)) } ?? child
                guard seen.insert(name).inserted else { continue }
                if let child = alarms[scope, name] {
                    if child.state == .alarm { ringing.append(child) }
                } else if let child = compositeAlarms[scope, name], child.state == .alarm {
                    waiting.append(child)
                }
            }
        }
        return evidence(of: ringing, in: scope, at: now)
    }
}
