public import Audit
internal import WireValues

/// A plan as a template of CloudFormation.
public enum CloudFormation {
    /// A template in YAML that makes what is missing. Changes of what exists stand in comments, as commands.
    public static func template(_ plan: Plan) -> String {
        var lines = [
            "AWSTemplateFormatVersion: \"2010-09-09\"",
            "Description: \"Monitoring of account \(plan.account) in \(plan.region), by CloudTrail and CloudWatch\"",
        ]
        let made = Made(plan)
        var resources: [String] = []
        for entry in plan.entries {
            for (name, type, retains, properties) in self.resources(entry, made, plan) {
                resources += ["  \(name):", "    Type: \(type)"]
                if retains { resources += ["    DeletionPolicy: Retain", "    UpdateReplacePolicy: Retain"] }
                // Nothing in the trail refers to the policy of its bucket.
                if made.bucket, name == "Trail" { resources.append("    DependsOn: [TrailBucketPolicy]") }
                if !properties.members.isEmpty {
                    resources.append("    Properties:")
                    resources += yaml(properties, indent: "      ")
                }
            }
        }
        let others = plan.entries.filter { self.resources($0, made, plan).isEmpty && !made.isImplied($0.step) }
        for entry in others {
            lines.append("# To be changed where it is managed: \(CommandLines.comment(entry.step.words)).")
            lines += CommandLines.commented(CommandLines.commands(entry.step, region: entry.region, for: .sh))
        }
        return (lines + ["Resources:"] + (resources.isEmpty ? ["  {}"] : resources)).joined(separator: "\n")
    }

    private typealias Resource = (name: String, type: String, retains: Bool, properties: WireValue)

    private static func resources(_ entry: Plan.Entry, _ made: Made, _ plan: Plan) -> [Resource] {
        switch entry.step {
        case .createBucket(let name, let account, let trail):
            [
                ("TrailBucket", "AWS::S3::Bucket", true, ["BucketName": .string(name)]),
                (
                    "TrailBucketPolicy", "AWS::S3::BucketPolicy", false,
                    [
                        "Bucket": reference("TrailBucket"),
                        "PolicyDocument": Policies.bucket(name, account: account, trail: trail),
                    ]
                ),
            ]
        case .createRole(let name, let group):
            [
                (
                    "TrailRole", "AWS::IAM::Role", false,
                    [
                        "RoleName": .string(name), "AssumeRolePolicyDocument": Policies.trust,
                        "Policies": [
                            ["PolicyName": "WriteToLogGroup", "PolicyDocument": Policies.delivery(to: group)]
                        ],
                    ]
                )
            ]
        case .createLogGroup(let name):
            [("TrailLogGroup", "AWS::Logs::LogGroup", true, ["LogGroupName": .string(name)])]
        case .createTrail(let name, let bucket, let group, let role):
            [
                (
                    "Trail", "AWS::CloudTrail::Trail", false,
                    [
                        "TrailName": .string(name),
                        "S3BucketName": made.bucket ? reference("TrailBucket") : .string(bucket),
                        "IsLogging": true, "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true,
                        "EnableLogFileValidation": true,
                        "CloudWatchLogsLogGroupArn": made.groups.isEmpty
                            ? .string(group) : attribute("TrailLogGroup"),
                        "CloudWatchLogsRoleArn": made.role ? attribute("TrailRole") : .string(role),
                    ]
                )
            ]
        case .createTopic(let name): [(id("Topic", name), "AWS::SNS::Topic", false, ["TopicName": .string(name)])]
        case .subscribe(let topic, let endpoint):
            [
                (
                    id("Subscription", endpoint.protocol + "-" + endpoint.address), "AWS::SNS::Subscription", false,
                    [
                        "TopicArn": self.topic(topic, made), "Protocol": .string(endpoint.protocol),
                        "Endpoint": .string(endpoint.address),
                    ]
                )
            ]
        case .putMetricFilter(let filter):
            [
                (
                    id("Filter", filter.name), "AWS::Logs::MetricFilter", false,
                    [
                        "FilterName": .string(filter.name),
                        "LogGroupName": made.groups.contains(filter.logGroup)
                            ? reference("TrailLogGroup") : .string(filter.logGroup),
                        "FilterPattern": .string(filter.pattern),
                        "MetricTransformations": [
                            [
                                "MetricName": .string(filter.metric), "MetricNamespace": .string(filter.namespace),
                                "MetricValue": "1",
                            ]
                        ],
                    ]
                )
            ]
        case .putMetricAlarm(let alarm):
            [
                (
                    id("Alarm", alarm.name), "AWS::CloudWatch::Alarm", false,
                    [
                        "AlarmName": .string(alarm.name), "AlarmDescription": .string(alarm.description),
                        "Namespace": .string(alarm.namespace), "MetricName": .string(alarm.metric),
                        "Statistic": "Sum", "Period": WireValue(Step.Alarm.period), "EvaluationPeriods": 1,
                        "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                        "TreatMissingData": "notBreaching", "AlarmActions": [topic(alarm.topic, made)],
                    ]
                )
            ]
        case .enableSecurityHub where entry.region == plan.region: [("Hub", "AWS::SecurityHub::Hub", false, .empty)]
        case .updateTrail, .startLogging, .putEventSelectors, .enableAlarmActions, .enableSecurityHub: []
        }
    }

    private static func reference(_ name: String) -> WireValue { ["Ref": .string(name)] }
    private static func attribute(_ name: String) -> WireValue { ["Fn::GetAtt": [.string(name), "Arn"]] }

    private static func topic(_ arn: String, _ made: Made) -> WireValue {
        made.topic(arn).map { reference(id("Topic", $0)) } ?? .string(arn)
    }

    /// A logical id: letters and digits alone.
    private static func id(_ kind: String, _ name: String) -> String {
        let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return kind + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// YAML whose scalars are JSON's, so that nothing in them can mean anything else.
    private static func yaml(_ value: WireValue, indent: String) -> [String] {
        switch value {
        case .structure(let members), .map(let members):
            return members.flatMap { member -> [String] in
                let key = "\(indent)\(member.name.contains(":") ? "\"\(member.name)\"" : member.name):"
                if isScalar(member.value) { return ["\(key) \(JSONWire.text(member.value))"] }
                return [key] + yaml(member.value, indent: indent + "  ")
            }
        case .list(let items):
            return items.flatMap { item -> [String] in
                if isScalar(item) { return ["\(indent)- \(JSONWire.text(item))"] }
                var lines = yaml(item, indent: indent + "  ")
                if let first = lines.first { lines[0] = "\(indent)- \(first.dropFirst(indent.count + 2))" }
                return lines
            }
        default: return ["\(indent)\(JSONWire.text(value))"]
        }
    }

    private static func isScalar(_ value: WireValue) -> Bool {
        switch value {
        case .structure, .map, .list: false
        default: true
        }
    }
}
