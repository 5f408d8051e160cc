import AWSCore
import Audit
import Controls
import Synchronization
import WireValues

/// When the accounts of the tests are audited.
let now = Timestamp(seconds: 1_780_000_000)

/// An account in which everything is well, to be broken by a test: what its APIs answer.
struct Account: AccountReader {
    static let id = "111122223333"
    static let topic = "arn:aws:sns:us-east-1:\(id):alerts"

    var trail: [String: WireValue] = [
        "Name": "main", "TrailARN": .string("arn:aws:cloudtrail:us-east-1:\(id):trail/main"), "HomeRegion": "us-east-1",
        "IsMultiRegionTrail": true,
        "CloudWatchLogsLogGroupArn": .string("arn:aws:logs:us-east-1:\(id):log-group:trail:*"),
    ]
    var status: WireValue = ["IsLogging": true]
    var selectors: WireValue = .empty
    var filters: [WireValue] = []
    var alarms: [WireValue] = []
    var composites: [WireValue] = []
    var subscriptions: [WireValue] = [
        ["SubscriptionArn": .string("\(topic):1"), "Endpoint": "ops@example.org", "Protocol": "email"]
    ]
    /// Operations that are refused.
    var denied: Set<String> = []

    /// With one filter, and an alarm on its metric.
    init(_ pattern: String) {
        filters = [Self.filter("f", pattern)]
        alarms = [Self.alarm("a")]
    }

    static func filter(_ name: String, _ pattern: String, _ changes: [String: WireValue] = [:]) -> WireValue {
        let transformation: [String: WireValue] = ["metricName": "m", "metricNamespace": "CIS", "metricValue": "1"]
        return [
            "filterName": .string(name), "filterPattern": .string(pattern),
            "metricTransformations": [structure(transformation.merging(changes) { $1 })],
        ]
    }

    static func alarm(_ name: String, _ changes: [String: WireValue] = [:]) -> WireValue {
        let alarm: [String: WireValue] = [
            "AlarmName": .string(name), "AlarmArn": .string("arn:aws:cloudwatch:us-east-1:\(id):alarm:\(name)"),
            "Namespace": "CIS", "MetricName": "m", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
            "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            "ActionsEnabled": true, "AlarmActions": [.string(topic)],
        ]
        return structure(alarm.merging(changes) { $1 })
    }

    static func structure(_ members: [String: WireValue]) -> WireValue {
        .structure(members.sorted { $0.key < $1.key }.map { WireMember($0.key, $0.value) })
    }

    func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue {
        if denied.contains(operation) {
            throw ReadFailure(code: "AccessDenied", message: "no", action: ReadFailure.action(service, operation))
        }
        switch operation {
        case "GetCallerIdentity": return ["Account": .string(Self.id)]
        case "DescribeTrails": return ["trailList": [Self.structure(trail)]]
        case "GetTrailStatus": return status
        case "GetEventSelectors": return selectors
        case "DescribeMetricFilters": return ["metricFilters": .list(filters)]
        case "DescribeAlarms": return ["MetricAlarms": .list(alarms), "CompositeAlarms": .list(composites)]
        case "ListSubscriptionsByTopic": return ["Subscriptions": .list(subscriptions)]
        case "GetSubscriptionAttributes": return ["Attributes": .empty]
        default: throw ReadFailure(code: "404", message: "", action: ReadFailure.action(service, operation))
        }
    }

    /// What the audit says of one control.
    func audit(_ id: String, in version: BenchmarkVersion = .newest) -> ControlResult? {
        guard let control = Catalogue.control(id, in: version) else { return nil }
        return Audit([control], in: version, at: now).run(self, regions: ["us-east-1"]).results.first
    }
}
