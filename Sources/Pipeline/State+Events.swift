public import AWSCore
public import CloudTrail
internal import LogGroups
internal import Store
public import WireValues

extension PipelineState {
    /// The journal of API calls: what `LookupEvents` searches.
    public static let eventJournal = "event"

    /// Changes a trail once the present call has been recorded, so that the old form of the trail still delivers it.
    public func changeAfterRecording(_ trail: Trail, in scope: Scope) {
        afterRecording.append { [self] in trails[scope, trail.name] = trail }
    }

    /// The same for a deletion.
    public func deleteAfterRecording(_ trail: String, in scope: Scope) {
        afterRecording.append { [self] in trails[scope, trail] = nil }
    }

    /// Records an API call as CloudTrail does, and delivers the record to the log groups of the trails that log it.
    ///
    /// - Parameter event: the record, as CloudTrail delivers it.
    public func record(_ event: WireValue, name: String, in scope: Scope, at now: Timestamp) {
        let text = JSONWire.text(event)
        batch.entries.append(
            Batch.Entry(
                id: takeNumber(), journal: Self.eventJournal, scope: scope, subject: name, time: now,
                body: Array(text.utf8)))
        trails.forEach { home, _, trail in
            guard home.account == scope.account, trail.covers(region: scope.region),
                let target = trail.cloudWatchLogsLogGroupARN.flatMap({ ARN($0) })
            else { return }
            let group = String(target.resource.dropFirst("log-group:".count).prefix { $0 != ":" })
            let place = Scope(account: target.account, region: target.region)
            guard target.resource.hasPrefix("log-group:"), let intake = intake(of: group, in: place) else { return }
            let event = LogEvent(time: now, message: text)
            let stream = "\(scope.account)_CloudTrail_\(trail.homeRegion)"
            append(
                [event], intake.filters.data(of: [event], evidenceFrom: settings.evidenceStart(at: now)), to: stream,
                of: group, in: place, at: now)
        }
        let changes = afterRecording
        afterRecording = []
        for change in changes { change() }
    }
}

extension PipelineState {
    /// What a new minute brings with it. The alarms are judged by `judgeAlarms`, a part of them at a time.
    public func beginMinute(at now: Timestamp) {
        beginJudging(at: now)
        expireSubscriptions(at: now)
        expireProofs(at: now)
    }
}
