public import Audit
internal import WireValues

/// A plan as resources of Terraform's AWS provider.
public enum Terraform {
    /// A configuration that makes what is missing. What exists is not in it: changes of that stand in comments, as
    /// commands.
    public static func configuration(_ plan: Plan) -> String {
        let made = Made(plan)
        var blocks = [
            "# Account \(plan.account), region \(plan.region): the provider must be configured for them.\n"
        ]
        for entry in plan.entries {
            if let block = block(entry, made, plan) {
                blocks.append(block)
            } else if !made.isImplied(entry.step) {
                let lines = CommandLines.commented(
                    CommandLines.commands(entry.step, region: entry.region, for: .sh))
                blocks.append(
                    (["# To be changed where it is managed: \(CommandLines.comment(entry.step.words))."] + lines)
                        .joined(separator: "\n")
                        + "\n")
            }
        }
        return blocks.joined(separator: "\n")
    }

    private static func block(_ entry: Plan.Entry, _ made: Made, _ plan: Plan) -> String? {
        switch entry.step {
        case .createBucket(let name, let account, let trail):
            return resource("aws_s3_bucket", "trail", [("bucket", text(name))]) + "\n"
                + resource(
                    "aws_s3_bucket_policy", "trail",
                    [
                        ("bucket", "aws_s3_bucket.trail.id"),
                        ("policy", json(Policies.bucket(name, account: account, trail: trail))),
                    ])
        case .createRole(let name, let group):
            return resource(
                "aws_iam_role", "trail",
                [("name", text(name)), ("assume_role_policy", json(Policies.trust))]) + "\n"
                + resource(
                    "aws_iam_role_policy", "trail",
                    [
                        ("name", text("WriteToLogGroup")), ("role", "aws_iam_role.trail.id"),
                        ("policy", json(Policies.delivery(to: group))),
                    ])
        case .createLogGroup(let name):
            return resource("aws_cloudwatch_log_group", "trail", [("name", text(name))])
        case .createTrail(let name, let bucket, let group, let role):
            var needed: [String] = []
            if made.bucket { needed.append("aws_s3_bucket_policy.trail") }
            if made.role { needed.append("aws_iam_role_policy.trail") }
            var members = [
                ("name", text(name)), ("s3_bucket_name", made.bucket ? "aws_s3_bucket.trail.id" : text(bucket)),
                ("is_multi_region_trail", "true"), ("include_global_service_events", "true"),
                ("enable_log_file_validation", "true"),
                (
                    "cloud_watch_logs_group_arn",
                    made.groups.isEmpty ? text(group) : #""${aws_cloudwatch_log_group.trail.arn}:*""#
                ),
                ("cloud_watch_logs_role_arn", made.role ? "aws_iam_role.trail.arn" : text(role)),
            ]
            if !needed.isEmpty { members.append(("depends_on", "[\(needed.joined(separator: ", "))]")) }
            return resource("aws_cloudtrail", "trail", members)
        case .createTopic(let name):
            return resource("aws_sns_topic", label(name), [("name", text(name))])
        case .subscribe(let topic, let endpoint):
            return resource(
                "aws_sns_topic_subscription", label("\(endpoint.protocol)_\(endpoint.address)"),
                [
                    ("topic_arn", self.topic(topic, made)), ("protocol", text(endpoint.protocol)),
                    ("endpoint", text(endpoint.address)),
                ])
        case .putMetricFilter(let filter):
            let group =
                made.groups.contains(filter.logGroup) ? "aws_cloudwatch_log_group.trail.name" : text(filter.logGroup)
            return resource(
                "aws_cloudwatch_log_metric_filter", label(filter.name),
                [("name", text(filter.name)), ("log_group_name", group), ("pattern", text(filter.pattern))],
                blocks: [
                    (
                        "metric_transformation",
                        [("name", text(filter.metric)), ("namespace", text(filter.namespace)), ("value", text("1"))]
                    )
                ])
        case .putMetricAlarm(let alarm):
            return resource(
                "aws_cloudwatch_metric_alarm", label(alarm.name),
                [
                    ("alarm_name", text(alarm.name)), ("alarm_description", text(alarm.description)),
                    ("namespace", text(alarm.namespace)), ("metric_name", text(alarm.metric)),
                    ("statistic", text("Sum")), ("period", String(Step.Alarm.period)), ("evaluation_periods", "1"),
                    ("threshold", "1"), ("comparison_operator", text("GreaterThanOrEqualToThreshold")),
                    ("treat_missing_data", text("notBreaching")), ("alarm_actions", "[\(topic(alarm.topic, made))]"),
                ])
        case .enableSecurityHub where entry.region == plan.region:
            return resource("aws_securityhub_account", "hub", [])
        case .updateTrail, .startLogging, .putEventSelectors, .enableAlarmActions, .enableSecurityHub: return nil
        }
    }

    private static func resource(
        _ type: String, _ name: String, _ members: [(String, String)],
        blocks: [(String, [(String, String)])] = []
    ) -> String {
        func lines(_ members: [(String, String)], _ indent: String) -> [String] {
            // As `terraform fmt` aligns them.
            let width = members.map(\.0.count).max() ?? 0
            return members.map {
                indent + $0.0 + String(repeating: " ", count: width - $0.0.count) + " = " + $0.1
            }
        }
        if members.isEmpty, blocks.isEmpty { return "resource \"\(type)\" \"\(name)\" {}\n" }
        var text = ["resource \"\(type)\" \"\(name)\" {"] + lines(members, "  ")
        for (block, members) in blocks { text += ["", "  \(block) {"] + lines(members, "    ") + ["  }"] }
        return (text + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func topic(_ arn: String, _ made: Made) -> String {
        made.topic(arn).map { "aws_sns_topic.\(label($0)).arn" } ?? text(arn)
    }

    private static func json(_ value: WireValue) -> String { "jsonencode(\(JSONWire.text(value)))" }

    /// A string of HCL, in which templates begin with `${` and `%{`.
    static func text(_ text: String) -> String {
        var quoted = "\""
        var previous: Unicode.Scalar = " "
        for character in text.unicodeScalars {
            switch character {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "{" where previous == "$" || previous == "%":
                quoted.unicodeScalars.append(previous)
                quoted.unicodeScalars.append(character)
            default: quoted.unicodeScalars.append(character.properties.generalCategory == .control ? " " : character)
            }
            previous = character
        }
        return quoted + "\""
    }

    /// A name for a resource: letters, digits and lines.
    static func label(_ name: String) -> String {
        let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "-" ? $0 : "_" })
        return plain.first?.isNumber == true ? "_" + plain : plain
    }
}
