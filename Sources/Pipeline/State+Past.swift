internal import AWSCore
internal import Alarms
internal import LogGroups
internal import Metrics

// Events that come in long after they happened are counted in their own minutes, which no alarm looks at any more. A
// server that is told to ring for the past asks of each alarm whether it would have rung then, by the same evaluation, and
// tells its topics so, once for each time of ringing. The alarm's state is that of the present and stays as it is.

/// When an alarm rang for the past, or in its time: so that it does not ring for that once more.
struct PastRings: Codable, Equatable, Sendable {
    /// The first and the last minute of each.
    var times: [[Int64]] = []

    /// The oldest that were added are forgotten.
    private static let most = 2000

    /// Notes a time of ringing; false when it was known, in part at least.
    mutating func add(_ first: Int64, _ last: Int64) -> Bool {
        if let place = times.firstIndex(where: { $0[0] <= last && $0[1] >= first }) {
            times[place] = [min(times[place][0], first), max(times[place][1], last)]
            return false
        }
        times.append([first, last])
        if times.count > Self.most { times.removeFirst() }
        return true
    }
}

/// What has come in late in the present operation.
struct LateData {
    var minutes: Set<Int64> = []
    var evidence: [(minute: Int64, events: [Evidence])] = []
}

extension PipelineState {
    /// Keeps in mind what may ring for the past.
    func noteLate(_ datum: FilterSnapshot.Datum, in scope: Scope) {
        guard settings.ringsForPast, !datum.isDefault else { return }
        let key = MetricKey(scope: scope, metric: datum.metric)
        guard watchers[key]?.isEmpty == false else { return }
        late[key, default: LateData()].minutes.insert(datum.minute)
        if !datum.evidence.isEmpty { late[key]?.evidence.append((datum.minute, datum.evidence)) }
    }

    /// Rings for what has come in late.
    func ringForPast(at now: Timestamp) {
        guard !late.isEmpty else { return }
        let data = late
        late = [:]
        for (key, data) in data {
            // An alarm on metric math looks at several series, of which some may come yet.
            for watch in watchers[key] ?? [] where watch.queries == nil { ring(watch, data, at: now) }
        }
    }

    private func ring(_ watch: AlarmWatch, _ data: LateData, at now: Timestamp) {
        let alarm = watch.alarm
        let range = Int64(alarm.evaluationRange * alarm.period / 60)
        // Newer values have been judged by now, and what the present evaluation has found it has told.
        let present = now.minute - Int64(alarm.evaluationPeriods * alarm.period / 60)
        guard let oldest = data.minutes.min(), let newest = data.minutes.max(), oldest < present,
            let configuration = alarms[watch.key.scope, watch.key.name], configuration.actionsEnabled, !holdsActions
        else { return }
        let first = oldest - 2 * range
        let last = min(newest + 2 * range, now.minute - 1)
        let past = series(of: watch, from: first).part(from: first, through: last)
        let known = pastRings[watch.key.scope, watch.key.name] ?? PastRings()
        var rings = known
        for episode in alarm.replay(past) where episode.start.minute <= present {
            let start = episode.start.minute
            // What began without the data that came in now was told then, or is not for them to tell.
            guard (start - range..<start).contains(where: data.minutes.contains) else { continue }
            if watch.state == .alarm, start > now.minute - range { continue }
            guard rings.add(start, max(start, (episode.end?.minute ?? 0) - 1)) else { continue }
            tell(episode, of: configuration, data, past, range, in: watch.key.scope, at: now)
        }
        if rings != known { pastRings[watch.key.scope, watch.key.name] = rings }
    }

    private func tell(
        _ episode: AlarmEpisode, of configuration: AlarmConfiguration, _ data: LateData, _ past: MinuteSeries,
        _ range: Int64, in scope: Scope, at now: Timestamp
    ) {
        var alarm = configuration
        alarm.state = .alarm
        alarm.stateReason = episode.reason
        let window = (episode.start.minute - range)...episode.start.minute
        let events = data.evidence.filter { window.contains($0.minute) }.flatMap(\.events)
        let count = past.part(from: window.lowerBound, through: window.upperBound - 1).count
        var evidence = AlarmEvidence(events, count: max(events.count, Int(exactly: min(count, 1e15).rounded()) ?? 0))
        evidence?.isPast = true
        let message = AlarmMessage(alarm, old: .ok, scope: scope, time: episode.start, evidence: evidence)
        for action in alarm.actions(for: .alarm) {
            run(action, message, of: alarm.name, isComposite: false, in: scope, at: now)
        }
    }

    /// An alarm that rings in its time does not ring for it again.
    func noteRing(of alarm: AlarmConfiguration, in scope: Scope, at now: Timestamp) {
        guard settings.ringsForPast else { return }
        let range = Int64(alarm.evaluated.evaluationRange * max(alarm.period, 60) / 60)
        var rings = pastRings[scope, alarm.name] ?? PastRings()
        _ = rings.add(now.minute - range, now.minute + range)
        pastRings[scope, alarm.name] = rings
    }
}
