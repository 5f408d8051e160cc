internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    static let lookupEvents = read("LookupEvents") { (input, call, state, now) throws(AWSFault) in
        let limit = try input.integer("MaxResults", 1...50) ?? 50
        let start = try input.timestamp("StartTime") ?? now.advanced(bySeconds: -90 * 86_400)
        let end = try input.timestamp("EndTime") ?? now
        guard start <= end else {
            throw AWSFault("InvalidTimeRangeException", "The start time is after the end time.")
        }
        var wanted: [(key: String, value: String)] = []
        for item in try input.list("LookupAttributes", 0...1) {
            let keys = [
                "EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource",
                "AccessKeyId",
            ]
            wanted.append((try item.required("AttributeKey", .oneOf(keys)), try item.required("AttributeValue")))
        }
        let page = try JournalPage(
            token: try input.string("NextToken"), limit: limit,
            invalid: AWSFault("InvalidNextTokenException", "The next token is invalid."))
        let asked = wanted
        try page.read(
            state, PipelineState.eventJournal, in: call.scope, subject: nil, from: start, to: end, newestFirst: true
        ) { entry in
            guard let event = JSONWire.parse(entry.body) else { return false }
            return asked.allSatisfy { event.has($0.key, $0.value) }
        }
        let items = page.entries.compactMap { entry in
            JSONWire.parse(entry.body)?.lookedUp(text: String(decoding: entry.body, as: UTF8.self), at: entry.time)
        }
        return [
            "Events": .list(items), "NextToken": WireValue(page.nextToken),
        ]
    }
}

extension WireValue {
    fileprivate func text(_ names: String...) -> String? {
        let found = names.reduce(self as WireValue?) { $0?[$1] }
        switch found {
        case .string(let text)?: return text
        case .bool(let value)?: return String(value)
        default: return nil
        }
    }

    private static func attribute(_ key: String, of event: WireValue) -> String? {
        switch key {
        case "EventId": event.text("eventID")
        case "EventName": event.text("eventName")
        case "ReadOnly": event.text("readOnly")
        case "Username": event.text("userIdentity", "userName")
        case "EventSource": event.text("eventSource")
        case "AccessKeyId": event.text("userIdentity", "accessKeyId")
        case "ResourceName": event.text("requestParameters", "name")
        default: nil
        }
    }

    fileprivate func has(_ key: String, _ value: String) -> Bool { Self.attribute(key, of: self) == value }

    fileprivate func lookedUp(text: String, at time: Timestamp) -> WireValue {
        [
            "EventId": WireValue(self.text("eventID")), "EventName": WireValue(self.text("eventName")),
            "ReadOnly": WireValue(self.text("readOnly")),
            "AccessKeyId": WireValue(self.text("userIdentity", "accessKeyId")),
            "EventTime": .timestamp(Timestamp(seconds: time.seconds)),
            "EventSource": WireValue(self.text("eventSource")),
            "Username": WireValue(self.text("userIdentity", "userName")), "Resources": [],
            "CloudTrailEvent": .string(text),
        ]
    }
}
