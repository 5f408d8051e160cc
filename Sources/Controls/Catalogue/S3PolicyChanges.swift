private let calls = [
    "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle",
    "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle",
    "DeleteBucketReplication",
]

extension Control {
    static let s3PolicyChanges = Control(
        id: "s3_policy_changes",
        title: "S3 bucket policy changes",
        rationale: "Calls on a bucket’s policy, access list, CORS, lifecycle or replication can publish what "
            + "it holds, or destroy it.",
        severity: .high,
        section: 8,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "s3_bucket_policy_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("s3", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.calls("s3", calls))
        ],
        samples: [
            .required("PutBucketPolicy", "s3", "a bucket policy is set"),
            .required("DeleteBucketLifecycle", "s3", by: .user, "a lifecycle is removed"),
            .other("GetBucketPolicy", "s3", "reading changes nothing"),
            .other("PutBucketTagging", "s3", "tags are not in the list"),
        ])
}
