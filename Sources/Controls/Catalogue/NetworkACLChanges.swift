private let calls = [
    "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
    "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation",
]

extension Control {
    static let networkACLChanges = Control(
        id: "nacl_changes",
        title: "Network ACL changes",
        rationale: "The filters of a subnet are rarely touched; a change was planned, or it is suspect.",
        severity: .medium,
        section: 11,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 2)],
        metricName: "nacl_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("ec2", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls))
        ],
        samples: [
            .required("CreateNetworkAclEntry", "ec2", "a rule is added"),
            .required("ReplaceNetworkAclAssociation", "ec2", by: .user, "a subnet gets another list"),
            .other("DescribeNetworkAcls", "ec2", "reading changes nothing"),
        ])
}
