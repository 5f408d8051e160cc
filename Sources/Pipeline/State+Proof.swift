public import AWSCore
internal import Alarms
internal import LogGroups
internal import Metrics
internal import Store

/// What a proof has done so far: events of a stream of its own, which go the way of all others and are taken back.
struct Proof {
    /// What the events have added to metrics.
    var data: [FilterSnapshot.Datum] = []
    /// The alarms of the scope as they were before.
    var states: [String: AlarmState]
    let stream: String
    let group: String
    let scope: Scope
    let began: Timestamp

    /// One that nobody has ended after so many seconds is taken back.
    static let longest: Int64 = 600
}

extension PipelineState {
    /// Begins a proof: what comes into `stream`, which is made for it, is remembered until `endProof` takes it back. A
    /// proof does not outlive the process; its events do.
    public func beginProof(_ stream: String, of group: String, in scope: Scope, at now: Timestamp) {
        logStreams[scope, group + ":" + stream] = LogStream(name: stream, creationTime: now)
        let states = alarms.all(in: scope).map { ($0.name, $0.state) }
        proofs[proofKey(stream, group, scope)] = Proof(
            states: Dictionary(states) { $1 }, stream: stream, group: group, scope: scope, began: now)
    }

    /// Takes back the events of a proof, what they have added to metrics, and the states that alarms came into by them.
    /// The history of the alarms and of the deliveries stays: it tells what has happened.
    ///
    /// - Returns: whether there is such a proof.
    public func endProof(_ stream: String, of group: String, in scope: Scope, at now: Timestamp) -> Bool {
        guard let proof = proofs.removeValue(forKey: proofKey(stream, group, scope)) else { return false }
        deleteLogStream(stream, of: group, in: scope)
        // Nobody is told of what was never so, by composite alarms neither.
        holdsActions = true
        defer { holdsActions = false }
        for datum in proof.data {
            retract(datum, in: scope)
            // The events carry the name of the stream.
            evidence[MetricKey(scope: scope, metric: datum.metric)]?.removeAll { $0.userAgent == stream }
        }
        let metrics = Set(proof.data.map { MetricKey(scope: scope, metric: $0.metric) })
        for watch in metrics.flatMap({ watchers[$0] ?? [] }) where watch.state == .alarm {
            guard let before = proof.states[watch.key.name], before != .alarm,
                let alarm = alarms[scope, watch.key.name]
            else { continue }
            // Other events may have rung it meanwhile.
            let verdict = verdict(on: watch, at: now)
            if verdict.state == .alarm, !verdict.keepsState { continue }
            setState(
                of: alarm, in: scope, to: before, reason: "A proof has been taken back", reasonData: nil, at: now)
        }
        return true
    }

    /// Takes back proofs that nobody has ended.
    func expireProofs(at now: Timestamp) {
        for proof in proofs.values where proof.began.advanced(bySeconds: Proof.longest) < now {
            _ = endProof(proof.stream, of: proof.group, in: proof.scope, at: now)
        }
    }

    /// To be called with what is published of events of a stream.
    func noteProof(_ data: [FilterSnapshot.Datum], _ stream: String, of group: String, in scope: Scope) {
        guard !proofs.isEmpty else { return }
        // The value for a minute without a match is right without the proof too.
        proofs[proofKey(stream, group, scope)]?.data += data.filter { !$0.isDefault }
    }

    private func proofKey(_ stream: String, _ group: String, _ scope: Scope) -> String {
        scope.arn("logs", "\(group):\(stream)")
    }

    private func retract(_ datum: FilterSnapshot.Datum, in scope: Scope) {
        let key = MetricKey(scope: scope, metric: datum.metric)
        guard let record = metrics[key] else { return }
        load(record, from: datum.minute)
        record.units[datum.unit]?.subtract(datum.aggregate, minute: datum.minute)
        if record.newest == datum.minute {
            record.newest = record.units.values.compactMap(\.filledMinutes.last).max() ?? .min
        }
        let rest = record.units[datum.unit]?.aggregate(minute: datum.minute)
        batch.minutes[Batch.MinuteKey(metric: record.id, minute: datum.minute, unit: datum.unit)] = .some(rest?.bytes)
        touched.insert(key)
    }
}
