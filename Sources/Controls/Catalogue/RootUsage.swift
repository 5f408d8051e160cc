extension Control {
    static let rootUsage = Control(
        id: "root_usage",
        title: "Use of the root user",
        rationale: "No policy limits the root user. Its use is planned and rare, or it is an incident.",
        severity: .high,
        section: 3,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "root_usage_metric",
        requirements: [
            .from(
                .v1_2_0,
                #"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS "#
                    + #"&& $.eventType != "AwsServiceEvent" }"#)
        ],
        publishedPatterns: [
            .from(
                .v1_2_0,
                #"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS "#
                    + #"&& $.eventType != "AwsServiceEvent" }"#)
        ],
        samples: [
            .required("ListBuckets", "s3", by: .root, "the root user makes a call"),
            .required(
                "ConsoleLogin", "signin", by: .root,
                with: #""eventType":"AwsConsoleSignIn""#,
                "the root user signs in"),
            .other("ListBuckets", "s3", "somebody else makes the call"),
            .other(
                "CreateServiceLinkedRole", "iam", by: .root,
                with: #""eventType":"AwsServiceEvent""#,
                "a service acts for the account"),
        ])
}
