internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    /// Stores events; matches them before the lock is taken.
    static let putLogEvents = data("PutLogEvents") { (input, call) throws(AWSFault) in
        let group = try input.logGroupName()
        let stream = try input.logStreamName()
        var events: [LogEvent] = []
        for event in try input.list("logEvents", 1...PutLogEventsBatch.mostEvents) {
            guard let time = try event.milliseconds("timestamp") else { throw event.missing("timestamp") }
            events.append(LogEvent(time: time, message: try event.required("message")))
        }
        let intake = try call.perform { (state, now) throws(AWSFault) in
            guard let intake = state.intake(of: group, in: call.scope) else { throw AWSFault.Logs.noGroup }
            guard state.logStreams[call.scope, group + ":" + stream] != nil else { throw AWSFault.Logs.noStream }
            return intake
        }
        let now = call.pipeline.clock.now
        let batch: PutLogEventsBatch
        do throws(PutLogEventsBatch.Fault) {
            batch = try PutLogEventsBatch(events, of: intake.group, at: now)
        } catch {
            throw AWSFault.Logs.invalid(error.words)
        }
        if !batch.accepted.isEmpty {
            let data = intake.filters.data(
                of: batch.accepted, evidenceFrom: call.pipeline.settings.evidenceStart(at: now))
            let chunk = EventChunk(batch.accepted, to: stream, of: group, in: call.scope, at: now)
            try call.perform { (state, _) throws(AWSFault) in
                // Either may have been deleted meanwhile.
                guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
                guard state.logStreams[call.scope, group + ":" + stream] != nil else { throw AWSFault.Logs.noStream }
                state.append(chunk, data)
            }
        }
        var rejected: [WireMember] = []
        if let end = batch.tooOldEnd { rejected.append(WireMember("tooOldLogEventEndIndex", WireValue(end))) }
        if let start = batch.tooNewStart { rejected.append(WireMember("tooNewLogEventStartIndex", WireValue(start))) }
        if let end = batch.expiredEnd { rejected.append(WireMember("expiredLogEventEndIndex", WireValue(end))) }
        return [
            "nextSequenceToken": .string(padded(Int(now.milliseconds), 56)),
            "rejectedLogEventsInfo": rejected.isEmpty ? .null : .structure(rejected),
        ]
    }
}

extension PutLogEventsBatch.Fault {
    fileprivate var words: String {
        switch self {
        case .notInOrder: "Log events in a single PutLogEvents request must be in chronological order."
        case .spanTooLong: "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        case .tooLarge(let bytes):
            "Upload too large: \(bytes) bytes exceeds limit of \(PutLogEventsBatch.mostBytes)"
        case .emptyMessage:
            "1 validation error detected: Value '' at 'logEvents.member.message' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        }
    }
}
