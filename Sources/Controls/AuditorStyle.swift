internal import FilterPattern

/// The texts that auditors insist on who compare patterns by their letters.
public enum AuditorStyle: String, Sendable, CaseIterable {
    /// AWS Security Hub's controls CloudWatch.1 to 14 want one exact text each (user guide, "CloudWatch controls").
    case securityHub = "security-hub"
    /// Prowler 5.46 looks for each clause by a regular expression.
    case prowler

    public enum Wanted: Equatable, Sendable {
        /// This text. Whether it covers the control as well is for logic to say.
        case text(String)
        /// The auditor has no such control.
        case unknown
    }

    public func text(for control: Control, in version: BenchmarkVersion) -> Wanted {
        switch self {
        case .securityHub: securityHub(control)
        case .prowler: prowler(control, version)
        }
    }

    private func securityHub(_ control: Control) -> Wanted {
        switch control.id {
        case "unauthorized_api_calls":
            return .text(#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"#)
        case "root_usage":
            return .text(
                #"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#
            )
        case "console_auth_failures":
            return .text(#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}"#)
        case "console_signin_without_mfa":
            return .text(
                #"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type "#
                    + #"= "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#)
        default: break
        }
        // The rest are lists of names, those of three services with the service in front.
        guard let names = Self.listed[control.id] else { return .unknown }
        let list = names.map { "($.eventName=\($0))" }.joined(separator: " || ")
        let sources = ["cmk_disable_delete": "kms", "s3_policy_changes": "s3", "config_changes": "config"]
        return .text(
            sources[control.id].map { "{($.eventSource=\($0).amazonaws.com) && (\(list))}" } ?? "{\(list)}")
    }

    /// Whether the auditor is content with a text in the place of the one it wants.
    public func accepts(_ text: String, for wanted: String) -> Bool {
        switch self {
        case .securityHub: return text == wanted
        case .prowler:
            // The same clauses in any order, with whatever between them.
            guard case .json(let deployed)? = try? FilterPattern(text),
                case .json(let needed)? = try? FilterPattern(wanted)
            else { return false }
            return Set(needed.leaves).isSubset(of: Set(deployed.leaves))
        }
    }

    private func prowler(_ control: Control, _ version: BenchmarkVersion) -> Wanted {
        let requirement = control.requirement(in: version)
        guard control.id == "organizations_changes", case .json(let formula)? = try? FilterPattern(requirement) else {
            return control.section > 0 ? .text(requirement) : .unknown
        }
        let names = formula.leaves.compactMap { condition -> String? in
            guard condition.selector == Selector("eventName"), case .equals(.text(let name)) = condition.test else {
                return nil
            }
            return name.text
        }
        return .text(
            Requirement.calls("organizations", names + ["CancelHandshake", "CreateOrganization", "EnableAllFeatures"]))
    }

    /// The names in the order that the texts have.
    private static let listed: [String: [String]] = [
        "iam_policy_changes": [
            "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
            "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
            "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy",
            "DetachGroupPolicy",
        ],
        "cloudtrail_cfg_changes": ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
        "cmk_disable_delete": ["DisableKey", "ScheduleKeyDeletion"],
        "s3_policy_changes": [
            "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
            "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
        ],
        "config_changes": [
            "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder",
        ],
        "security_group_changes": [
            "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup",
        ],
        "nacl_changes": [
            "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation",
        ],
        "network_gateway_changes": [
            "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
            "DeleteInternetGateway", "DetachInternetGateway",
        ],
        "route_table_changes": [
            "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable",
            "DeleteRoute", "DisassociateRouteTable",
        ],
        "vpc_changes": [
            "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc",
            "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink",
        ],
    ]
}
