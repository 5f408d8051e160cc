public import WireValues

/// A change that mends a broken link of the chain, named as the operation of AWS that makes it.
public enum Step: Sendable, Equatable {
    /// With the policy that lets CloudTrail write to it.
    case createBucket(name: String, account: String, trail: String)
    /// With the policy that lets it write to one log group.
    case createRole(name: String, logGroup: String)
    case createLogGroup(name: String)
    case createTrail(name: String, bucket: String, logGroup: String, role: String)
    case updateTrail(name: String, changes: WireValue)
    case startLogging(trail: String)
    case putEventSelectors(trail: String, input: WireValue)
    case createTopic(name: String)
    case subscribe(topic: String, endpoint: Endpoint)
    case putMetricFilter(MetricFilter)
    case putMetricAlarm(Alarm)
    case enableAlarmActions(alarm: String)
    case enableSecurityHub

    /// A filter that counts the events that its pattern matches.
    public struct MetricFilter: Sendable, Equatable {
        public var name: String
        public var logGroup: String
        public var pattern: String
        public var namespace: String
        public var metric: String
    }

    /// An alarm that rings at the first event within five minutes.
    public struct Alarm: Sendable, Equatable {
        public var name: String
        public var description: String
        public var namespace: String
        public var metric: String
        public var topic: String

        /// In seconds.
        public static let period = 300
    }

    /// Who is told, and how.
    public struct Endpoint: Sendable, Hashable {
        /// As `Subscribe` names it: `email`, `https`, `sqs`…
        public var `protocol`: String
        public var address: String

        /// Reads `email:you@example.org`, `sms:+15550100`, `https://example.org/hook`, or the ARN of a queue or function.
        public init?(_ text: String) {
            let schemes = ["email", "email-json", "sms"]
            if let colon = text.firstIndex(of: ":"), schemes.contains(String(text[..<colon])) {
                self.protocol = String(text[..<colon])
                address = String(text[text.index(after: colon)...])
                guard !address.isEmpty, self.protocol == "sms" || address.contains("@") else { return nil }
            } else if text.hasPrefix("https://") || text.hasPrefix("http://") {
                self.protocol = text.hasPrefix("https") ? "https" : "http"
                address = text
            } else if text.hasPrefix("arn:") {
                let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count >= 6, ["sqs", "lambda", "firehose"].contains(parts[2]) else { return nil }
                self.protocol = String(parts[2])
                address = text
            } else {
                return nil
            }
        }
    }
}

/// A call of an operation that changes an account.
public struct Change: Sendable, Equatable {
    /// The name of the service in signatures: `logs`, `cloudtrail`, `monitoring`, `sns`, `iam`, `s3`, `securityhub`.
    public var service: String
    public var operation: String
    public var input: WireValue
    /// The codes that say that it was so already.
    public var harmless: Set<String> = []
}

extension Step {
    /// The calls that make it, in order.
    public func changes(region: String) -> [Change] {
        switch self {
        case .createBucket(let name, let account, let trail):
            // The first region is the one that is not named (Amazon S3 API Reference, CreateBucket).
            let place: [WireMember] =
                region == "us-east-1"
                ? [] : [WireMember("CreateBucketConfiguration", ["LocationConstraint": .string(region)])]
            return [
                Change(
                    service: "s3", operation: "CreateBucket",
                    input: .structure([WireMember("Bucket", .string(name))] + place)),
                Change(
                    service: "s3", operation: "PutBucketPolicy",
                    input: [
                        "Bucket": .string(name),
                        "Policy": .string(JSONWire.text(Policies.bucket(name, account: account, trail: trail))),
                    ]),
            ]
        case .createRole(let name, let group):
            return [
                Change(
                    service: "iam", operation: "CreateRole",
                    input: [
                        "RoleName": .string(name),
                        "AssumeRolePolicyDocument": .string(JSONWire.text(Policies.trust)),
                    ]),
                Change(
                    service: "iam", operation: "PutRolePolicy",
                    input: [
                        "RoleName": .string(name), "PolicyName": "WriteToLogGroup",
                        "PolicyDocument": .string(JSONWire.text(Policies.delivery(to: group))),
                    ]),
            ]
        case .createLogGroup(let name):
            return [
                Change(
                    service: "logs", operation: "CreateLogGroup", input: ["logGroupName": .string(name)],
                    harmless: ["ResourceAlreadyExistsException"])
            ]
        case .createTrail(let name, let bucket, let group, let role):
            return [
                Change(
                    service: "cloudtrail", operation: "CreateTrail",
                    input: [
                        "Name": .string(name), "S3BucketName": .string(bucket), "IsMultiRegionTrail": true,
                        "EnableLogFileValidation": true, "CloudWatchLogsLogGroupArn": .string(group),
                        "CloudWatchLogsRoleArn": .string(role),
                    ])
            ]
        case .updateTrail(let name, let changes):
            return [
                Change(
                    service: "cloudtrail", operation: "UpdateTrail",
                    input: .structure([WireMember("Name", .string(name))] + changes.members))
            ]
        case .startLogging(let trail):
            return [Change(service: "cloudtrail", operation: "StartLogging", input: ["Name": .string(trail)])]
        case .putEventSelectors(_, let input):
            return [Change(service: "cloudtrail", operation: "PutEventSelectors", input: input)]
        case .createTopic(let name):
            return [Change(service: "sns", operation: "CreateTopic", input: ["Name": .string(name)])]
        case .subscribe(let topic, let endpoint):
            return [
                Change(
                    service: "sns", operation: "Subscribe",
                    input: [
                        "TopicArn": .string(topic), "Protocol": .string(endpoint.protocol),
                        "Endpoint": .string(endpoint.address),
                    ])
            ]
        case .putMetricFilter(let filter):
            return [
                Change(
                    service: "logs", operation: "PutMetricFilter",
                    input: [
                        "logGroupName": .string(filter.logGroup), "filterName": .string(filter.name),
                        "filterPattern": .string(filter.pattern),
                        "metricTransformations": [
                            [
                                "metricName": .string(filter.metric), "metricNamespace": .string(filter.namespace),
                                "metricValue": "1",
                            ]
                        ],
                    ])
            ]
        case .putMetricAlarm(let alarm):
            return [
                Change(
                    service: "monitoring", operation: "PutMetricAlarm",
                    input: [
                        "AlarmName": .string(alarm.name), "AlarmDescription": .string(alarm.description),
                        "Namespace": .string(alarm.namespace), "MetricName": .string(alarm.metric),
                        "Statistic": "Sum", "Period": WireValue(Alarm.period), "EvaluationPeriods": 1, "Threshold": 1,
                        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
                        "AlarmActions": [.string(alarm.topic)],
                    ])
            ]
        case .enableAlarmActions(let alarm):
            return [
                Change(
                    service: "monitoring", operation: "EnableAlarmActions", input: ["AlarmNames": [.string(alarm)]])
            ]
        case .enableSecurityHub:
            return [
                Change(
                    service: "securityhub", operation: "EnableSecurityHub", input: .empty,
                    harmless: ["ResourceConflictException"])
            ]
        }
    }

    /// One line for people.
    public var words: String {
        switch self {
        case .createBucket(let name, _, _): "make the bucket \(name), which CloudTrail may write to"
        case .createRole(let name, _): "make the role \(name), with which CloudTrail writes to the log group"
        case .createLogGroup(let name): "make the log group \(name)"
        case .createTrail(let name, _, _, _): "make the trail \(name), of all regions, that delivers to the log group"
        case .updateTrail(let name, let changes):
            changes["IsMultiRegionTrail"] == nil
                ? "let the trail \(name) deliver to the log group" : "let the trail \(name) record all regions"
        case .startLogging(let trail): "start the logging of the trail \(trail)"
        case .putEventSelectors(let trail, _): "let all management events through the selectors of \(trail)"
        case .createTopic(let name): "make the topic \(name)"
        case .subscribe(let topic, let endpoint):
            "subscribe \(endpoint.address) to \(topic.split(separator: ":").last.map(String.init) ?? topic)"
        case .putMetricFilter(let filter): "make the metric filter \(filter.name) on \(filter.logGroup)"
        case .putMetricAlarm(let alarm): "make the alarm \(alarm.name) on \(alarm.namespace)/\(alarm.metric)"
        case .enableAlarmActions(let alarm): "enable the actions of the alarm \(alarm)"
        case .enableSecurityHub: "switch Security Hub on"
        }
    }
}

/// The policies that a trail needs (AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail" and "Role policy
/// document for CloudTrail to use CloudWatch Logs for monitoring").
public enum Policies {
    public static let trust: WireValue = document([
        [
            "Effect": "Allow", "Principal": ["Service": "cloudtrail.amazonaws.com"], "Action": "sts:AssumeRole",
        ]
    ])

    public static func delivery(to logGroup: String) -> WireValue {
        document([
            [
                "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": .string(logGroup.hasSuffix(":*") ? logGroup : logGroup + ":*"),
            ]
        ])
    }

    public static func bucket(_ name: String, account: String, trail: String) -> WireValue {
        let partition = trail.split(separator: ":").dropFirst().first.map(String.init) ?? "aws"
        let bucket = "arn:\(partition):s3:::\(name)"
        let service: WireValue = ["Service": "cloudtrail.amazonaws.com"]
        return document([
            [
                "Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
                "Resource": .string(bucket), "Condition": ["StringEquals": ["aws:SourceArn": .string(trail)]],
            ],
            [
                "Sid": "AWSCloudTrailWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
                "Resource": .string("\(bucket)/AWSLogs/\(account)/*"),
                "Condition": [
                    "StringEquals": [
                        "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": .string(trail),
                    ]
                ],
            ],
        ])
    }

    private static func document(_ statements: WireValue) -> WireValue {
        ["Version": "2012-10-17", "Statement": statements]
    }
}
