internal import AWSWire
internal import CloudTrail
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putEventSelectors = write("PutEventSelectors") { (input, call, state, _) throws(AWSFault) in
        var (scope, trail) = try input.trail("TrailName", call, state)
        let plain = input.value["EventSelectors"]
        let advanced = input.value["AdvancedEventSelectors"]
        guard (plain == nil) != (advanced == nil) else {
            throw AWSFault(
                "InvalidEventSelectorsException",
                "Exactly one of EventSelectors and AdvancedEventSelectors must be given.")
        }
        if case .list(let list)? = plain, list.isEmpty || list.count > 5 {
            throw AWSFault("InvalidEventSelectorsException", "A trail has 1 to 5 event selectors.")
        }
        trail.eventSelectors = plain.map { JSONWire.text($0) }
        trail.advancedEventSelectors = advanced.map { JSONWire.text($0) }
        state.trails[scope, trail.name] = trail
        return [
            "TrailARN": .string(trail.arn), "EventSelectors": plain ?? .null,
            "AdvancedEventSelectors": advanced ?? .null,
        ]
    }

    static let getEventSelectors = read("GetEventSelectors") { (input, call, state, _) throws(AWSFault) in
        let trail = try input.trail("TrailName", call, state).trail
        let plain = trail.eventSelectors.flatMap { JSONWire.parse($0) }
        let advanced = trail.advancedEventSelectors.flatMap { JSONWire.parse($0) }
        let common: WireValue = [
            [
                "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
                "ExcludeManagementEventSources": [],
            ]
        ]
        return [
            "TrailARN": .string(trail.arn), "EventSelectors": plain ?? (advanced == nil ? common : .null),
            "AdvancedEventSelectors": advanced ?? .null,
        ]
    }

    static let putInsightSelectors = write("PutInsightSelectors") { (input, call, state, _) throws(AWSFault) in
        var (scope, trail) = try input.trail("TrailName", call, state)
        let selectors = try input.list("InsightSelectors")
        for selector in selectors {
            _ = try selector.string("InsightType", .oneOf(["ApiCallRateInsight", "ApiErrorRateInsight"]))
        }
        let value = input.value["InsightSelectors"] ?? []
        trail.insightSelectors = selectors.isEmpty ? nil : JSONWire.text(value)
        state.trails[scope, trail.name] = trail
        return ["TrailARN": .string(trail.arn), "InsightSelectors": value]
    }

    static let getInsightSelectors = read("GetInsightSelectors") { (input, call, state, _) throws(AWSFault) in
        let trail = try input.trail("TrailName", call, state).trail
        guard let selectors = trail.insightSelectors.flatMap({ JSONWire.parse($0) }) else {
            throw AWSFault(
                "InsightNotEnabledException", "Trail \(trail.name) does not have Insights enabled.")
        }
        return ["TrailARN": .string(trail.arn), "InsightSelectors": selectors]
    }
}
