private let calls = [
    "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit",
    "CreatePolicy", "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit",
    "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType",
    "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount",
    "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit",
]

extension Control {
    static let organizationsChanges = Control(
        id: "organizations_changes",
        title: "AWS Organizations changes",
        rationale: "Accounts, organizational units and policies bound what every member account can do. The "
            + "calls are made in the management account.",
        severity: .high,
        section: 15,
        since: .v1_3_0,
        levels: [.from(.v1_3_0, 1)],
        metricName: "organizations_changes",
        requirements: [
            .from(.v1_3_0, Requirement.calls("organizations", calls))
        ],
        publishedPatterns: [
            .from(.v1_3_0, Requirement.calls("organizations", calls))
        ],
        samples: [
            .required("LeaveOrganization", "organizations", by: .root, "an account leaves its organization"),
            .required("AttachPolicy", "organizations", "a service control policy is attached"),
            .other("AttachPolicy", "iot", "a call of the same name in another service"),
            .other("ListAccounts", "organizations", "reading changes nothing"),
        ])
}
