extension Control {
    static let consoleSignInWithoutMFA = Control(
        id: "console_signin_without_mfa",
        title: "Console sign-in without a second factor",
        rationale: "A password alone opened the console. Each such sign-in names an identity that still lacks "
            + "a second factor.",
        severity: .medium,
        section: 2,
        since: .v1_2_0,
        levels: [.from(.v1_2_0, 1)],
        metricName: "no_mfa_console_signin_metric",
        requirements: [
            .from(.v1_2_0, #"{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" }"#),
            .from(
                .v2_0_0,
                #"{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" "#
                    + #"&& $.userIdentity.type = "IAMUser" && $.responseElements.ConsoleLogin = "Success" }"#),
        ],
        publishedPatterns: [
            .from(.v1_2_0, #"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#),
            // The wider text stays allowed beside this one, which leaves out single sign-on.
            .from(
                .v2_0_0,
                #"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") "#
                    + #"&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#),
        ],
        samples: [
            .required(
                "ConsoleLogin", "signin", by: .user,
                with:
                    #""additionalEventData":{"MFAUsed":"No"},"responseElements":{"ConsoleLogin":"Success"},"eventType":"AwsConsoleSignIn""#,
                "an IAM user signs in with a password alone"),
            .other(
                "ConsoleLogin", "signin", by: .user,
                with:
                    #""additionalEventData":{"MFAUsed":"Yes"},"responseElements":{"ConsoleLogin":"Success"},"eventType":"AwsConsoleSignIn""#,
                "the same with a second factor"),
            .other(
                "ConsoleLogin", "signin",
                with:
                    #""additionalEventData":{"MFAUsed":"No"},"responseElements":{"ConsoleLogin":"Success"},"eventType":"AwsConsoleSignIn""#,
                "a federated sign-in, whose second factor the identity provider asked for"),
            .other(
                "ConsoleLogin", "signin", by: .user,
                with:
                    #""additionalEventData":{"MFAUsed":"No"},"responseElements":{"ConsoleLogin":"Failure"},"eventType":"AwsConsoleSignIn""#,
                "a failed sign-in"),
        ])
}
