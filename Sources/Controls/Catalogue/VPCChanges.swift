private let calls = [
    "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection",
    "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection",
    "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink",
    "EnableVpcClassicLink",
]

extension Control {
    static let vpcChanges = Control(
        id: "vpc_changes",
        title: "VPC changes",
        rationale: "Peerings and attributes of a VPC decide which networks reach each other.",
        severity: .medium,
        section: 14,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "vpc_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("ec2", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls))
        ],
        samples: [
            .required("CreateVpcPeeringConnection", "ec2", "a peering is asked for"),
            .required("DeleteVpc", "ec2", by: .user, "a VPC is deleted"),
            .other("CreateVpcEndpoint", "ec2", "endpoints are not in the list"),
        ])
}
