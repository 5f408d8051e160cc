internal import AWSCore
internal import LogGroups
internal import Metrics
public import Store

/// How long things are kept that nobody has set a retention for.
enum Retention {
    /// Alarm history (CloudWatch User Guide, "Alarm history": 30 days).
    static let historyDays: Int64 = 30
    /// API calls (CloudTrail User Guide, "Event history": 90 days).
    static let eventDays: Int64 = 90
    /// What became of deliveries.
    static let deliveryDays: Int64 = 30
    /// By which request what was sent came: those who send again do so within a day.
    static let sentDays: Int64 = 7
    /// Metrics (CloudWatch User Guide, "Metrics retention": 455 days for the coarsest). Minutes are kept that long.
    static let metricDays: Int64 = 455
    /// Minutes of metrics in memory.
    static let hotMinutes: Int64 = 24 * 60
}

extension Pipeline {
    /// Deletes what has been kept long enough: events past the retention of their group, old entries of the journals,
    /// old metrics; and forgets minutes that need not be in memory. To be called now and then.
    public func expire() throws(StoreError) {
        let groups = try perform { state, now in state.groupsWithRetention(at: now) }
        for (scope, group, made, expiry) in groups {
            // Found without the lock: it may be much.
            let found = try store.expired(of: group, in: scope, before: expiry)
            guard found.bytes > 0 || found.last > 0 else { continue }
            try perform { state, now in
                state.deleteEvents(
                    of: group, made: made, in: scope, before: expiry, through: found.last, bytes: found.bytes, at: now)
            }
        }
        try perform { state, now in state.expireJournals(at: now) }
        whileNothingIsCommitted { state, now in state.forgetMinutes(before: now.minute - Retention.hotMinutes) }
    }
}

extension PipelineState {
    func groupsWithRetention(at now: Timestamp) -> [(
        scope: Scope, group: String, made: Timestamp, expiry: Timestamp
    )] {
        var found: [(scope: Scope, group: String, made: Timestamp, expiry: Timestamp)] = []
        logGroups.forEach { scope, name, group in
            if let expiry = group.expiry(at: now), storedBytes(of: name, in: scope) > 0 {
                found.append((scope, name, group.creationTime, expiry))
            }
        }
        return found
    }

    func deleteEvents(
        of group: String, made: Timestamp, in scope: Scope, before expiry: Timestamp, through last: Int64, bytes: Int,
        at now: Timestamp
    ) {
        // It may have been deleted, or made anew, or kept for longer meanwhile.
        guard let stored = storedBytes[scope]?[group], let row = logGroups[scope, group], row.creationTime == made,
            let present = row.expiry(at: now), present >= expiry
        else { return }
        batch.deletions.append(Batch.Deletion(scope: scope, group: group, before: expiry, through: last))
        storedBytes[scope]?[group] = max(0, stored - bytes)
    }

    func expireJournals(at now: Timestamp) {
        for (journal, days) in [
            (Self.historyJournal, Retention.historyDays), (Self.eventJournal, Retention.eventDays),
            (Self.deliveryJournal, Retention.deliveryDays),
        ] {
            let before = now.advanced(bySeconds: -days * 86400)
            batch.expiries.append(.entries(journal: journal, before: before))
        }
        let forgotten = now.advanced(bySeconds: -Retention.sentDays * 86400)
        batch.expiries.append(.files(source: "push:", before: forgotten))
        batch.expiries.append(.minutes(before: now.minute - Retention.metricDays * 1440))
    }

    /// Takes old minutes out of memory, but for metrics of which some are not on disk yet.
    func forgetMinutes(before minute: Int64) {
        let unwritten = Set(batch.minutes.keys.map(\.metric))
        for record in metrics.values where record.loadedFrom < minute && !unwritten.contains(record.id) {
            for unit in record.units.keys { record.units[unit]?.removeAll(before: minute) }
            record.loadedFrom = minute
        }
    }
}
