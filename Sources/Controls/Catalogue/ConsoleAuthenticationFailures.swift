extension Control {
    static let consoleAuthenticationFailures = Control(
        id: "console_auth_failures",
        title: "Failed console sign-ins",
        rationale: "Failures in a row are somebody guessing a password, and they carry the address to block.",
        severity: .medium,
        section: 6,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 2), .from(.v6_0_0, 1), .from(.v7_0_0, 2)],
        metricName: "console_signin_failure_metric",
        requirements: [
            .from(.v1_2_0, #"{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }"#)
        ],
        publishedPatterns: [
            .from(.v1_2_0, #"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#)
        ],
        samples: [
            .required(
                "ConsoleLogin", "signin", by: .user,
                with:
                    #""errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"eventType":"AwsConsoleSignIn""#,
                "a wrong password"),
            .other(
                "ConsoleLogin", "signin", by: .user,
                with: #""responseElements":{"ConsoleLogin":"Success"},"eventType":"AwsConsoleSignIn""#,
                "a sign-in that succeeds"),
            .other(
                "ConsoleLogin", "signin", by: .root,
                with:
                    #""errorMessage":"No username found in supplied account","responseElements":{"ConsoleLogin":"Failure"},"eventType":"AwsConsoleSignIn""#,
                "a failure with another message"),
        ])
}
