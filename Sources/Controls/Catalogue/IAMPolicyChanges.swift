private let calls = [
    "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy",
    "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion",
    "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy",
    "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy",
]

extension Control {
    static let iamPolicyChanges = Control(
        id: "iam_policy_changes",
        title: "IAM policy changes",
        rationale: "Who can change a policy can grant anything. Such a change outside a release must be seen "
            + "at once.",
        severity: .high,
        section: 4,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "iam_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("iam", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls))
        ],
        samples: [
            .required("PutRolePolicy", "iam", "a policy is written into a role"),
            .required(
                "AttachUserPolicy", "iam", by: .user,
                with: #""errorCode":"AccessDenied""#,
                "an attempt counts, refused or not"),
            .other("GetPolicy", "iam", "reading changes nothing"),
            .other("PutRolePermissionsBoundary", "iam", "a boundary is not in the list"),
        ])
}
