extension Control {
    /// How the benchmark wants the control to be checked (`scored` is the word of 1.2.0).
    public enum Assessment: String, Sendable {
        case scored, automated, manual
    }

    /// Most became manual in 2.0.0; 4.0.0 and 5.0.0 count refused calls among the automated ones.
    public func assessment(in version: BenchmarkVersion) -> Assessment {
        if subject == .securityHub { return .automated }
        return switch version {
        case .v1_2_0: .scored
        case .v1_3_0, .v1_4_0, .v1_5_0: .automated
        case .v4_0_0, .v5_0_0: id == "unauthorized_api_calls" ? .automated : .manual
        default: .manual
        }
    }

    /// What others call the control: the name of a catalogue and the id in it.
    public var otherIDs: [(catalogue: String, id: String)] {
        var ids: [(catalogue: String, id: String)] = []
        // Security Hub numbers the root user first and follows the benchmark then; it has no control on Organizations.
        if subject == .securityHub { ids.append(("AWS Security Hub", "SecurityHub.1")) }
        if (1...14).contains(section) {
            let number = section == 3 ? 1 : section < 3 ? section + 1 : section
            ids.append(("AWS Security Hub", "CloudWatch.\(number)"))
        }
        if let check = Self.prowlerChecks[id] { ids.append(("Prowler", check)) }
        return ids
    }

    private static let prowlerChecks = [
        "unauthorized_api_calls": "cloudwatch_log_metric_filter_unauthorized_api_calls",
        "console_signin_without_mfa": "cloudwatch_log_metric_filter_sign_in_without_mfa",
        "root_usage": "cloudwatch_log_metric_filter_root_usage",
        "iam_policy_changes": "cloudwatch_log_metric_filter_policy_changes",
        "cloudtrail_cfg_changes":
            "cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",
        "console_auth_failures": "cloudwatch_log_metric_filter_authentication_failures",
        "cmk_disable_delete": "cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk",
        "s3_policy_changes": "cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",
        "config_changes": "cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",
        "security_group_changes": "cloudwatch_log_metric_filter_security_group_changes",
        "nacl_changes": "cloudwatch_changes_to_network_acls_alarm_configured",
        "network_gateway_changes": "cloudwatch_changes_to_network_gateways_alarm_configured",
        "route_table_changes": "cloudwatch_changes_to_network_route_tables_alarm_configured",
        "vpc_changes": "cloudwatch_changes_to_vpcs_alarm_configured",
        "organizations_changes": "cloudwatch_log_metric_filter_aws_organizations_changes",
        "security_hub_enabled": "securityhub_enabled",
    ]
}
