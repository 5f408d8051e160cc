private let calls = [
    "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation",
    "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable",
]

extension Control {
    static let routeTableChanges = Control(
        id: "route_table_changes",
        title: "Route table changes",
        rationale: "A changed route can lead traffic around its inspection.",
        severity: .medium,
        section: 13,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "route_table_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("ec2", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls)),
            // Its audit asks for the source since then, and its remediation never names it.
            .from(.v3_0_0, Requirement.calls("ec2", calls)),
        ],
        samples: [
            .required("ReplaceRoute", "ec2", "a route leads elsewhere"),
            .required("DisassociateRouteTable", "ec2", by: .user, "a subnet loses its table"),
            .other("CreateRoute", "appmesh", "a route of another service"),
            .other("AssociateRouteTable", "ec2", "the list of the benchmark leaves this out"),
        ])
}
