internal import AWSCore
internal import AWSWire
internal import FilterPattern
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    /// Searches stored events with the matcher.
    static let filterLogEvents = data("FilterLogEvents") { (input, call) throws(AWSFault) in
        let group = try input.logGroup(call)
        let names = try input.strings("logStreamNames")
        let prefix = try input.namePrefix("logStreamNamePrefix")
        if !names.isEmpty, prefix != nil {
            throw AWSFault.Logs.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
        }
        let pattern = try input.has("filterPattern") ? input.filterPattern().pattern : nil
        try call.perform { (state, _) throws(AWSFault) in
            guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
            for name in names where state.logStreams[call.scope, group + ":" + name] == nil {
                throw AWSFault.Logs.noStream
            }
        }
        var search = EventSearch(
            scope: call.scope, group: group, start: try input.milliseconds("startTime") ?? Timestamp(milliseconds: 0),
            end: try input.milliseconds("endTime") ?? Timestamp(milliseconds: .max))
        search.streams = names.isEmpty ? nil : Set(names)
        search.streamPrefix = prefix
        search.pattern = pattern
        search.limit = try input.integer("limit", 1...10_000) ?? 10_000
        if let token = try input.string("nextToken") {
            guard let place = PositionToken(token), place.kind == "n" else { throw AWSFault.Logs.badToken }
            search.after = place.position
        }
        let page = try call.search(search)
        let items = page.events.map { event -> WireValue in
            let place = event.position
            return [
                "logStreamName": .string(event.stream), "timestamp": .milliseconds(place.time),
                "message": .string(event.message), "ingestionTime": .milliseconds(event.ingestion),
                "eventId": .string(
                    padded(Int(place.time.milliseconds), 20) + padded(Int(place.chunk), 20) + padded(place.index, 16)),
            ]
        }
        let next = page.next.map { PositionToken(kind: "n", position: $0).text }
        return ["events": .list(items), "searchedLogStreams": [], "nextToken": WireValue(next)]
    }
}
