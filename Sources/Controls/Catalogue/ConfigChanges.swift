private let calls = [
    "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel",
    "PutConfigurationRecorder",
]

extension Control {
    static let configChanges = Control(
        id: "config_changes",
        title: "AWS Config changes",
        rationale: "While the recorder stands still the history has a gap that no later check can fill.",
        severity: .medium,
        section: 9,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 2)],
        metricName: "aws_config_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("config", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.calls("config", calls))
        ],
        samples: [
            .required("StopConfigurationRecorder", "config", "the recorder is stopped"),
            .required("DeleteDeliveryChannel", "config", by: .user, "the delivery channel is deleted"),
            .other("DescribeConfigurationRecorders", "config", "reading changes nothing"),
            .other("StartConfigurationRecorder", "config", "starting leaves no gap"),
        ])
}
