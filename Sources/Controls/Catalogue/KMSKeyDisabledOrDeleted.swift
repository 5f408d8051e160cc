private let calls = [
    "DisableKey", "ScheduleKeyDeletion",
]

extension Control {
    static let kmsKeyDisabledOrDeleted = Control(
        id: "cmk_disable_delete",
        title: "Customer keys disabled or about to be deleted",
        rationale: "What was encrypted under a disabled key cannot be read, and after the waiting period of a "
            + "deletion the loss is final.",
        severity: .high,
        section: 7,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 2)],
        metricName: "disable_or_delete_cmk_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("kms", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.calls("kms", calls))
        ],
        samples: [
            .required("ScheduleKeyDeletion", "kms", "a key is to be deleted"),
            .required("DisableKey", "kms", by: .user, "a key is disabled"),
            .other("CancelKeyDeletion", "kms", "a deletion is called off"),
            .other("DisableKeyRotation", "kms", "rotation is another matter"),
        ])
}
