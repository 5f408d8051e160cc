extension Control {
    /// What kind of rule it is, in the words of published policy catalogues.
    public var policyType: String { "COMPLIANCE_POLICY" }
    public var policyCategory: String { "SECURITY" }

    /// Rules of other catalogues that ask for the same: the catalogue and the rule.
    public var similarPolicies: [(catalogue: String, policy: String)] {
        switch id {
        case "unauthorized_api_calls":
            [("Cloud Conformity", "Authorization Failures Alarm"), ("internal", "dec-x-9b3ad9c4")]
        case "root_usage": [("Cloud Conformity", "Root Account Usage Alarm (CWL-014)")]
        case "cloudtrail_cfg_changes": [("Cloud Conformity", "CloudTrail Changes Alarm (CWL-003)")]
        case "organizations_changes": [("internal", "dec-x-e6b90a42")]
        default: []
        }
    }

    /// What the control asks for, in a sentence.
    public var summary: String {
        switch subject {
        case .events:
            "CloudTrail delivers to CloudWatch Logs, and a metric filter, an alarm and a topic with a confirmed "
                + "subscriber see to it that somebody is told: \(title.prefix(1).lowercased() + title.dropFirst())."
        case .securityHub: "Security Hub is on in every enabled region."
        }
    }

    /// How one sees whether it is in force (CIS AWS Foundations Benchmark, audit procedures), step by step.
    public var auditProcedure: [String] {
        switch subject {
        case .events:
            [
                "`aws cloudtrail describe-trails`: one trail has `IsMultiRegionTrail` true; note its "
                    + "`CloudWatchLogsLogGroupArn`.",
                "`aws cloudtrail get-trail-status --name TRAIL`: `IsLogging` is true, and there is no "
                    + "`LatestCloudWatchLogsDeliveryError`.",
                "`aws cloudtrail get-event-selectors --trail-name TRAIL`: all management events come through.",
                "`aws logs describe-metric-filters --log-group-name GROUP`: the patterns together match every "
                    + "required event, and each publishes a number other than 0; note the metrics.",
                "`aws cloudwatch describe-alarms`: an alarm on that metric, in that namespace, rings at one event and "
                    + "has its actions enabled; note the topic.",
                "`aws sns list-subscriptions-by-topic --topic-arn TOPIC`: one subscription is confirmed, and its "
                    + "filter policy lets the alarm through.",
            ]
        case .securityHub:
            ["`aws securityhub describe-hub --region REGION`, for every enabled region: it names a hub."]
        }
    }
}
