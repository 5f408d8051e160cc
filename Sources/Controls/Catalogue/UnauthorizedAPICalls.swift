extension Control {
    static let unauthorizedAPICalls = Control(
        id: "unauthorized_api_calls",
        title: "Refused calls",
        rationale: "A refused call is a credential being tried beyond its permissions, by an intruder or by a "
            + "broken deployment. Counting them is the earliest sign of either.",
        severity: .medium,
        section: 1,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1), .from(.v2_0_0, 2)],
        metricName: "unauthorized_api_calls_metric",
        requirements: [
            .from(.v1_2_0, #"{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }"#),
            .from(
                .v1_3_0,
                #"{ ($.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*") "#
                    + #"&& $.sourceIPAddress != "delivery.logs.amazonaws.com" && $.eventName != "HeadBucket" }"#),
        ],
        publishedPatterns: [
            .from(.v1_2_0, #"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#),
            // Joined by `||` throughout, so that nearly every event matches.
            .from(
                .v1_3_0,
                #"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") "#
                    + #"|| ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }"#),
            // `&&` goes first: the exclusions hold for `AccessDenied*` only.
            .from(
                .v2_0_0,
                #"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") "#
                    + #"&& ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }"#),
        ],
        samples: [
            .required(
                "DescribeInstances", "ec2", by: .user,
                with: #""errorCode":"Client.UnauthorizedOperation""#,
                "EC2 refuses with a code that ends in UnauthorizedOperation"),
            .required(
                "GetSecretValue", "secretsmanager",
                with: #""errorCode":"AccessDeniedException""#,
                "most services refuse with a code that begins with AccessDenied"),
            .other("GetObject", "s3", with: #""errorCode":"NoSuchKey""#, "an error that is no refusal"),
            .other(
                "HeadBucket", "s3",
                with: #""errorCode":"AccessDenied""#,
                "consoles and tools try HeadBucket all the time"),
            .other(
                "PutObject", "s3", by: .service,
                with: #""errorCode":"AccessDenied","sourceIPAddress":"delivery.logs.amazonaws.com""#,
                "log delivery probing a bucket"),
        ])
}
