internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let describeLogStreams = read("DescribeLogStreams") { (input, call, state, _) throws(AWSFault) in
        let group = try input.logGroup(call)
        let prefix = try input.namePrefix("logStreamNamePrefix")
        let order = try input.string("orderBy", .oneOf(["LogStreamName", "LastEventTime"])) ?? "LogStreamName"
        if order == "LastEventTime", prefix != nil {
            throw AWSFault.Logs.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        var streams = state.logStreams.all(in: call.scope, prefix: group + ":" + (prefix ?? ""))
        func sortKey(_ stream: LogStream) -> String {
            order == "LogStreamName"
                ? stream.name : padded(Int(stream.lastEventTime?.milliseconds ?? 0), 16) + stream.name
        }
        streams.sort { sortKey($0).utf8.lexicographicallyPrecedes(sortKey($1).utf8) }
        let isDescending = try input.bool("descending") ?? false
        var rest = isDescending ? streams.reversed() : streams
        if let token = try input.string("nextToken") {
            guard let bytes = Base64.decode(token), !bytes.isEmpty else { throw AWSFault.Logs.badToken }
            let last = String(decoding: bytes, as: UTF8.self)
            guard let place = rest.firstIndex(where: { sortKey($0) == last }) else { throw AWSFault.Logs.badToken }
            rest.removeFirst(place + 1)
        }
        let limit = try input.integer("limit", 1...50) ?? 50
        let items = rest.prefix(limit).map { stream -> WireValue in
            [
                "logStreamName": .string(stream.name), "creationTime": .milliseconds(stream.creationTime),
                "firstEventTimestamp": .milliseconds(stream.firstEventTime),
                "lastEventTimestamp": .milliseconds(stream.lastEventTime),
                "lastIngestionTime": .milliseconds(stream.lastIngestionTime),
                "uploadSequenceToken": WireValue(stream.uploadSequenceToken),
                "arn": .string(call.scope.arn("logs", "log-group:\(group):log-stream:\(stream.name)")),
                "storedBytes": 0,
            ]
        }
        let next = rest.count > limit ? rest[limit - 1] : nil
        return [
            "logStreams": .list(items), "nextToken": WireValue(next.map { Base64.encode(Array(sortKey($0).utf8)) }),
        ]
    }
}
