private let calls = [
    "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway",
    "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway",
]

extension Control {
    static let networkGatewayChanges = Control(
        id: "network_gateway_changes",
        title: "Network gateway changes",
        rationale: "A gateway that is created or attached is a new way out of the network.",
        severity: .medium,
        section: 12,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "network_gw_changes_metric",
        requirements: [
            .from(.v1_2_0, Requirement.calls("ec2", calls))
        ],
        publishedPatterns: [
            .from(.v1_2_0, Requirement.names(calls))
        ],
        samples: [
            .required("AttachInternetGateway", "ec2", "a VPC is connected to the internet"),
            .required("DeleteCustomerGateway", "ec2", by: .user, "a customer gateway is deleted"),
            .other("CreateNatGateway", "ec2", "NAT gateways are not in the list"),
        ])
}
