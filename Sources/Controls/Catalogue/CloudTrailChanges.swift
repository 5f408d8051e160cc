private let calls = [
    "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging",
]

extension Control {
    static let cloudTrailChanges = Control(
        id: "cloudtrail_cfg_changes",
        title: "CloudTrail configuration changes",
        rationale: "A trail that is stopped or altered blinds every other control, so intruders begin there.",
        severity: .high,
        section: 5,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "cloudtrail_cfg_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("cloudtrail", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls))
        ],
        samples: [
            .required("StopLogging", "cloudtrail", by: .user, "a trail is stopped"),
            .required("DeleteTrail", "cloudtrail", by: .root, "a trail is deleted"),
            .other("GetTrailStatus", "cloudtrail", "reading changes nothing"),
            .other("PutEventSelectors", "cloudtrail", "the list of the benchmark leaves this out"),
        ])
}
