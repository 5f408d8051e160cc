internal import AWSCore
internal import AWSWire
internal import FilterPattern
internal import LogGroups
internal import Pipeline
internal import Store
internal import TrailMatcher
internal import WireValues

extension Operation where Context == Call {
    /// Searches stored events with the matcher.
    static let filterLogEvents = data("FilterLogEvents") { (input, call) throws(AWSFault) in
        let group = try input.logGroup(call)
        let names = try input.strings("logStreamNames")
        let prefix = try input.string("logStreamNamePrefix")
        if !names.isEmpty, prefix != nil {
            throw AWSFault.Logs.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
        }
        let matcher = TrailMatcher([try input.has("filterPattern") ? input.filterPattern().pattern : .everything])
        try call.perform { (state, _) throws(AWSFault) in
            guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
            for name in names where state.logStreams[call.scope, group + ":" + name] == nil {
                throw AWSFault.Logs.noStream
            }
        }
        var search = EventSearch(
            scope: call.scope, group: group, stream: names.count == 1 ? names[0] : nil,
            start: try input.milliseconds("startTime") ?? Timestamp(milliseconds: 0),
            end: try input.milliseconds("endTime") ?? Timestamp(milliseconds: .max))
        search.limit = try input.integer("limit", 1...10_000) ?? 10_000
        if let token = try input.string("nextToken") {
            guard let place = PositionToken(token), place.kind == "n" else { throw AWSFault.Logs.badToken }
            search.after = place.position
        }
        let context = MatchContext(matcher)
        let (events, hasMore) = try call.search(search) { chunk, message in
            if !names.isEmpty, !names.contains(chunk.stream) { return false }
            if let prefix, !chunk.stream.hasPrefix(prefix) { return false }
            context.match(message)
            return context.matches.count > 0
        }
        let items = events.map { event -> WireValue in
            let place = event.position
            return [
                "logStreamName": .string(event.stream), "timestamp": .milliseconds(place.time),
                "message": .string(event.message), "ingestionTime": .milliseconds(event.ingestion),
                "eventId": .string(
                    padded(Int(place.time.milliseconds), 20) + padded(Int(place.chunk), 20) + padded(place.index, 16)),
            ]
        }
        let next = hasMore ? events.last.map { PositionToken(kind: "n", position: $0.position).text } : nil
        return ["events": .list(items), "searchedLogStreams": [], "nextToken": WireValue(next)]
    }
}
