internal import AWSCore
public import Controls
internal import Synchronization
internal import WireValues

extension AccountSnapshot {
    /// Reads side by side what an audit will ask for one by one. Nothing is judged here: what turns out not to be needed
    /// was read for nothing, and what is missing will be read when it is asked for.
    public func readAhead(regions: [String], for controls: [Control]) {
        guard isRecording else { return }
        let wantsHub = controls.contains { $0.subject == .securityHub }
        let found = Mutex<[WireValue]>([])
        sideBySide(regions) { region in
            let trails = (try? self.trails(region: region)) ?? []
            found.withLock { $0 += trails }
            if wantsHub { _ = try? self.call("securityhub", "DescribeHub", .empty, region: region) }
        }
        var seen: Set<String> = []
        let trails = found.withLock { $0 }.filter { seen.insert($0.text("TrailARN") ?? "").inserted }
        var reads: [@Sendable () -> Void] = []
        let filters = Mutex<[WireValue]>([])
        let alarms = Mutex<[WireValue]>([])
        var homes: Set<String> = []
        for trail in trails {
            let arn = trail.text("TrailARN") ?? trail.text("Name") ?? ""
            let region = trail.text("HomeRegion") ?? ARN(arn)?.region ?? ""
            reads.append { _ = try? self.call("cloudtrail", "GetTrailStatus", ["Name": .string(arn)], region: region) }
            reads.append {
                _ = try? self.call("cloudtrail", "GetEventSelectors", ["TrailName": .string(arn)], region: region)
            }
            guard let group = TrailState.logGroup(trail) else { continue }
            reads.append {
                let read = (try? self.filters(of: group, region: region)) ?? []
                filters.withLock { $0 += read }
            }
            if homes.insert(region).inserted {
                reads.append {
                    let read = (try? self.alarms(region: region)) ?? []
                    alarms.withLock { $0 += read }
                }
            }
        }
        sideBySide(reads) { $0() }
        // Of the topics only those that alarms on these filters tell.
        let metrics = Set(
            filters.withLock { $0 }.flatMap { $0.items("metricTransformations") }.compactMap { $0.text("metricName") })
        var topics: Set<String> = []
        for alarm in alarms.withLock({ $0 }) {
            let named = [alarm] + alarm.items("Metrics").compactMap { $0["MetricStat"]?["Metric"] }
            guard named.contains(where: { $0.text("MetricName").map(metrics.contains) ?? false }) else { continue }
            topics.formUnion(alarm.texts("AlarmActions").filter { ARN($0)?.service == "sns" })
        }
        let subscriptions = Mutex<[(name: String, region: String)]>([])
        sideBySide(topics.sorted()) { topic in
            guard let region = ARN(topic)?.region else { return }
            let read = (try? self.subscriptions(of: topic, region: region)) ?? []
            let names = read.compactMap { $0.text("SubscriptionArn") }.filter { $0.hasPrefix("arn:") }
            subscriptions.withLock { $0 += names.map { ($0, region) } }
        }
        sideBySide(subscriptions.withLock { $0 }) { name, region in
            _ = try? self.call(
                "sns", "GetSubscriptionAttributes", ["SubscriptionArn": .string(name)], region: region)
        }
    }
}

// The reads that the audit is made of, each in one place, so that reading ahead asks for the very same.
extension AccountReader {
    func trails(region: String) throws(ReadFailure) -> [WireValue] {
        try call("cloudtrail", "DescribeTrails", ["includeShadowTrails": true], region: region).items("trailList")
    }

    func filters(of group: String, region: String) throws(ReadFailure) -> [WireValue] {
        try all(
            "logs", "DescribeMetricFilters", [WireMember("logGroupName", .string(group))], list: "metricFilters",
            token: "nextToken", region: region)
    }

    /// Metric alarms first, composite alarms then.
    func alarms(region: String) throws(ReadFailure) -> [WireValue] {
        let input = [
            WireMember("AlarmTypes", ["MetricAlarm", "CompositeAlarm"]), WireMember("MaxRecords", 100),
        ]
        return try all(
            "monitoring", "DescribeAlarms", input, lists: ["MetricAlarms", "CompositeAlarms"], token: "NextToken",
            region: region)
    }

    func subscriptions(of topic: String, region: String) throws(ReadFailure) -> [WireValue] {
        try all(
            "sns", "ListSubscriptionsByTopic", [WireMember("TopicArn", .string(topic))], list: "Subscriptions",
            token: "NextToken", region: region)
    }
}
