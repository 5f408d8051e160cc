private let calls = [
    "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup",
    "DeleteSecurityGroup",
]
private let sinceFive = calls + ["ModifySecurityGroupRules"]

extension Control {
    static let securityGroupChanges = Control(
        id: "security_group_changes",
        title: "Security group changes",
        rationale: "One rule is enough to open a service to the internet.",
        severity: .medium,
        section: 10,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 2)],
        metricName: "security_group_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("ec2", calls)), .from(.v5_0_0, Requirement.calls("ec2", sinceFive)),
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls)), .from(.v5_0_0, Requirement.names(sinceFive)),
        ],
        samples: [
            .required("AuthorizeSecurityGroupIngress", "ec2", "a rule lets traffic in"),
            .required(
                "ModifySecurityGroupRules", "ec2", by: .user,
                "a rule is changed in place (since version 5.0.0)"),
            .other("DescribeSecurityGroups", "ec2", "reading changes nothing"),
            .other("CreateCacheSecurityGroup", "elasticache", "a group of another service"),
        ])
}
