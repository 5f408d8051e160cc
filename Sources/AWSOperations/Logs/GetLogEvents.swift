internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    static let getLogEvents = data("GetLogEvents") { (input, call) throws(AWSFault) in
        let group = try input.logGroup(call)
        let stream = try input.logStreamName()
        try call.perform { (state, _) throws(AWSFault) in
            guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
            guard state.logStreams[call.scope, group + ":" + stream] != nil else { throw AWSFault.Logs.noStream }
        }
        let end = try input.milliseconds("endTime").map { Timestamp(milliseconds: $0.milliseconds - 1) }
        var search = EventSearch(
            scope: call.scope, group: group, start: try input.milliseconds("startTime") ?? Timestamp(milliseconds: 0),
            end: end ?? Timestamp(milliseconds: .max))
        search.streams = [stream]
        search.limit = try input.integer("limit", 1...10_000) ?? 10_000
        let token = try input.string("nextToken")
        if let token {
            guard let place = PositionToken(token), ["f", "b"].contains(place.kind) else {
                throw AWSFault.Logs.badToken
            }
            search.newestFirst = place.kind == "b"
            search.after = place.position
        } else {
            search.newestFirst = !(try input.bool("startFromHead") ?? false)
        }
        var events = try call.search(search).events
        if search.newestFirst { events.reverse() }
        // At an end the token stays what it was.
        let first = events.first?.position ?? search.after ?? EventPosition(time: search.start, chunk: 0, index: 0)
        let last = events.last?.position ?? search.after ?? EventPosition(time: search.start, chunk: 0, index: 0)
        let items = events.map { event -> WireValue in
            [
                "timestamp": .milliseconds(event.position.time), "message": .string(event.message),
                "ingestionTime": .milliseconds(event.ingestion),
            ]
        }
        return [
            "events": .list(items),
            "nextForwardToken": .string(PositionToken(kind: "f", position: last).text),
            "nextBackwardToken": .string(PositionToken(kind: "b", position: first).text),
        ]
    }
}

extension Call {
    /// Runs a search on the store, without the lock.
    func search(_ search: EventSearch) throws(AWSFault) -> EventSearch.Page {
        do { return try search.run(in: pipeline.store) } catch { throw .unavailable(error) }
    }
}

/// A token that names a place among stored events: `f/<time>/<chunk>/<index>`.
struct PositionToken {
    var kind: String
    var position: EventPosition

    init(kind: String, position: EventPosition) {
        self.kind = kind
        self.position = position
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 4, let time = Int64(parts[1]), let chunk = Int64(parts[2]), let index = Int(parts[3])
        else {
            return nil
        }
        kind = parts[0]
        position = EventPosition(time: Timestamp(milliseconds: time), chunk: chunk, index: index)
    }

    var text: String { "\(kind)/\(position.time.milliseconds)/\(position.chunk)/\(position.index)" }
}
