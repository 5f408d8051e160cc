internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    static let describeAlarmHistory = read("DescribeAlarmHistory") { (input, call, state, now) throws(AWSFault) in
        let name = try input.string("AlarmName")
        let kind = try input.string("HistoryItemType", .oneOf(["ConfigurationUpdate", "StateUpdate", "Action"]))
        let limit = try input.integer("MaxRecords", 1...100) ?? 100
        let oldestFirst = try input.string("ScanBy") == "TimestampAscending"
        let page = try JournalPage(
            token: try input.string("NextToken"), limit: limit, invalid: AWSFault.Monitoring.badToken)
        try page.read(
            state, PipelineState.historyJournal, in: call.scope, subject: name,
            from: try input.timestamp("StartDate") ?? Timestamp(milliseconds: 0),
            to: try input.timestamp("EndDate") ?? now, newestFirst: !oldestFirst
        ) { kind == nil || JSONWire.parse($0.body)?["type"] == kind.map(WireValue.string) }
        let items = page.entries.map { entry -> WireValue in
            let body = JSONWire.parse(entry.body)
            return [
                "AlarmName": .string(entry.subject), "AlarmType": body?["alarmType"] ?? "MetricAlarm",
                "Timestamp": .timestamp(entry.time),
                "HistoryItemType": body?["type"] ?? .null, "HistorySummary": body?["summary"] ?? .null,
                "HistoryData": body?["data"] ?? .null,
            ]
        }
        return ["AlarmHistoryItems": .list(items), "NextToken": WireValue(page.nextToken)]
    }
}
