internal import AWSCore
internal import AWSWire
internal import CloudTrail
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let describeTrails = read("DescribeTrails") { (input, call, state, _) throws(AWSFault) in
        let names = try input.strings("trailNameList")
        let includesShadows = try input.bool("includeShadowTrails") ?? true
        var found = names.isEmpty ? state.visibleTrails(call) : names.compactMap { state.trail($0, call) }
        if !includesShadows { found = found.filter { $0.scope.region == call.scope.region } }
        return ["trailList": .list(found.map(\.trail.value))]
    }

    static let getTrail = read("GetTrail") { (input, call, state, _) throws(AWSFault) in
        ["Trail": try input.trail("Name", call, state, tellsARN: false).trail.value]
    }

    static let listTrails = read("ListTrails") { (input, call, state, _) throws(AWSFault) in
        let page = try Page(
            state.visibleTrails(call).map(\.trail), name: \.arn, token: try input.string("NextToken"), limit: 50,
            invalid: AWSFault("InvalidNextTokenException", "The next token is invalid."))
        let items = page.elements.map { trail -> WireValue in
            [
                "TrailARN": .string(trail.arn), "Name": .string(trail.name), "HomeRegion": .string(trail.homeRegion),
            ]
        }
        return ["Trails": .list(items), "NextToken": WireValue(page.nextToken)]
    }

    static let getTrailStatus = read("GetTrailStatus") { (input, call, state, _) throws(AWSFault) in
        let trail = try input.trail("Name", call, state).trail
        return [
            "IsLogging": .bool(trail.isLogging),
            "LatestCloudWatchLogsDeliveryTime": WireValue(trail.latestDelivery),
            "LatestCloudWatchLogsDeliveryError": WireValue(trail.latestDeliveryError),
            "StartLoggingTime": WireValue(trail.startedLogging), "StopLoggingTime": WireValue(trail.stoppedLogging),
            "LatestDeliveryAttemptTime": "", "LatestNotificationAttemptTime": "",
            "LatestNotificationAttemptSucceeded": "", "LatestDeliveryAttemptSucceeded": "",
            "TimeLoggingStarted": .string(trail.startedLogging?.description ?? ""),
            "TimeLoggingStopped": .string(trail.stoppedLogging?.description ?? ""),
        ]
    }
}
