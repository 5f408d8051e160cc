public import AWSCore
internal import Alarms
internal import Crypto
internal import Notifications

// Like alarms are told once and counted. An alarm is like one that a subscriber of mails or of a chat has been told of
// within the hour when the same alarm rings for the same acts of the same callers. At the end of the hour he is told how
// often it rang again, and the next hour begins; when it did not, nothing is sent. What follows a ring that was held, as
// the way back to OK, is held with it. `TrailwardenFolding` = `false` of a subscription turns it off; http and https get
// every message, as from AWS.

/// What one subscriber has been told of one alarm within the hour.
struct Fold: Codable, Sendable {
    /// Rings for the same acts.
    struct Ring: Codable, Sendable {
        var identity: String
        /// When the subscriber was told of it, or told how often it rang.
        var since: Timestamp
        /// So often it rang since.
        var count = 0
        var last: Timestamp
    }

    var topic: String
    var subscription: String
    var alarm: String
    /// Alarms of several accounts and regions may tell one topic.
    var alarmARN: String
    var rings: [Ring] = []
    /// Whether the last ring was held.
    var isHolding = false
}

extension PipelineState {
    /// In seconds.
    static let foldWindow: Int64 = 3600
    /// Callers who are told apart in one alarm; the oldest are forgotten, and then told anew.
    private static let mostRings = 64

    /// Whether a subscriber is not told of an alarm's change now.
    func fold(
        _ alarm: Announcement.Alarm, for subscription: Subscription, of topic: String, in scope: Scope,
        at now: Timestamp
    ) -> Bool {
        // A proof waits for the message itself.
        guard proofs.isEmpty else { return false }
        let key = subscription.arn + " " + alarm.arn
        guard alarm.isRinging else { return folds[scope, key]?.isHolding ?? false }
        var fold =
            folds[scope, key]
            ?? Fold(topic: topic, subscription: subscription.arn, alarm: alarm.name, alarmARN: alarm.arn)
        var isHeld = false
        if let identity = alarm.identity {
            if let place = fold.rings.firstIndex(where: { $0.identity == identity }) {
                fold.rings[place].count += 1
                fold.rings[place].last = now
                isHeld = true
            } else {
                fold.rings.append(Fold.Ring(identity: identity, since: now, last: now))
                if fold.rings.count > Self.mostRings { tell(fold.rings.removeFirst(), of: fold, in: scope, at: now) }
                hasNewDeadlines = true
            }
        }
        // There is no way back from what rang long ago.
        if !alarm.isPast { fold.isHolding = isHeld }
        keep(fold, in: scope, key)
        return isHeld
    }

    private func keep(_ fold: Fold, in scope: Scope, _ key: String) {
        folds[scope, key] = fold.rings.isEmpty ? nil : fold
        note(fold, in: scope, key)
    }

    /// Keeps in mind when its next hour ends.
    private func note(_ fold: Fold, in scope: Scope, _ key: String) {
        let end = fold.rings.map { $0.since.advanced(bySeconds: Self.foldWindow) }.min()
        foldEnds[AlarmKey(scope: scope, name: key)] = end
        if let end { nextFoldEnd = min(nextFoldEnd ?? end, end) }
    }

    /// Knows again when what is to be told.
    func loadFolds() {
        folds.forEach { scope, key, fold in note(fold, in: scope, key) }
    }

    /// Tells of what was held whose hour is over.
    func endFolds(at now: Timestamp) {
        for (key, end) in foldEnds where end <= now {
            guard var fold = folds[key.scope, key.name] else {
                foldEnds[key] = nil
                continue
            }
            var rings: [Fold.Ring] = []
            for var ring in fold.rings {
                if ring.since.advanced(bySeconds: Self.foldWindow) > now {
                    rings.append(ring)
                } else if ring.count > 0 {
                    tell(ring, of: fold, in: key.scope, at: now)
                    (ring.since, ring.count) = (now, 0)
                    // He is told of the way back from what he has just been told.
                    fold.isHolding = false
                    rings.append(ring)
                }
            }
            fold.rings = rings
            keep(fold, in: key.scope, key.name)
        }
        nextFoldEnd = foldEnds.values.min()
    }

    /// Tells a subscriber how often an alarm rang again.
    private func tell(_ ring: Fold.Ring, of fold: Fold, in scope: Scope, at now: Timestamp) {
        let id = ARN(fold.subscription)?.resource ?? ""
        guard ring.count > 0, let subscription = subscriptions[scope, id], let topic = topics[scope, fold.topic] else {
            return
        }
        let times = ring.count == 1 ? "once more" : "\(ring.count) times more"
        let home = ARN(fold.alarmARN).map { Scope(account: $0.account, region: $0.region) } ?? scope
        let state = alarmState(fold.alarm, in: home).map { " It is in state \($0.rawValue) now." } ?? ""
        let subject = "ALARM: \"\(fold.alarm)\" rang \(times) in \(Region.name(home.region))"
        let text =
            "\(fold.alarm) rang \(times) from \(ring.since) to \(ring.last), each time for the same: "
            + "\(ring.identity).\(state)"
        let chat = ChatMessage(
            title: subject, tone: .bad, lines: [text], footer: "\(home.account), \(Region.name(home.region)), \(now)")
        let html = "<!DOCTYPE html>\n<html><body><p>\(escapedXML(text))</p></body></html>"
        let more = Announcement.More(
            mailSubject: String(subject.prefix(100)), mail: text, html: html, chat: chat,
            alarm: Announcement.Alarm(name: fold.alarm, arn: fold.alarmARN, isRinging: true, identity: nil))
        send(
            Announcement(subject: String(subject.prefix(100)), message: text, more: more), to: subscription, of: topic,
            in: scope, messageID: randomUUID(), at: now)
    }

    // MARK: Deadlines

    /// Does what is due by itself: lets actions go that were held back, and tells of what was folded.
    public func endPeriods(at now: Timestamp) {
        if !suppressed.isEmpty { endSuppressions(at: now) }
        if let end = nextFoldEnd, end <= now { endFolds(at: now) }
    }

    /// When something is due next by itself.
    public func nextPeriodEnd() -> Timestamp? { [nextSuppressionEnd(), nextFoldEnd].compactMap { $0 }.min() }
}
