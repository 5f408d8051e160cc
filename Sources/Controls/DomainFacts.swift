public import FilterPattern

// What may be taken for granted of CloudTrail's management events (CloudTrail User Guide, "CloudTrail record contents" and
// "CloudTrail userIdentity element"; "AWS Management Console sign-in events"). Logic alone is stricter: it reckons with
// events that no service writes. A verdict names the facts it rests on.

extension DomainFact {
    public static let cloudTrail: [DomainFact] =
        ["eventName", "eventSource", "eventType", "eventTime", "awsRegion", "recipientAccountId"].map { field in
            DomainFact("\(field)-present", "every event has \(field)", then: "{ $.\(field) = * }")
        } + [
            DomainFact(
                "identity-type-present", "every API call tells the type of the caller's identity",
                if: #"{ $.eventType = "AwsApiCall" }"#, then: "{ $.userIdentity.type = * }"),
            DomainFact(
                "sign-in-source",
                "sign-ins to the console come from signin.amazonaws.com, and are not marked as read only",
                if: #"{ $.eventName = "ConsoleLogin" }"#,
                then: #"{ $.eventSource = "signin.amazonaws.com" && ($.readOnly IS FALSE || $.readOnly NOT EXISTS) }"#),
            DomainFact(
                "mfa-yes-or-no", "a sign-in tells whether a second factor was used by Yes or No",
                if: "{ $.additionalEventData.MFAUsed = * }",
                then: #"{ $.additionalEventData.MFAUsed = "Yes" || $.additionalEventData.MFAUsed = "No" }"#),
            DomainFact(
                "user-arn", "the ARN of an IAM user, if there is one, is one of a user",
                if: #"{ $.userIdentity.type = "IAMUser" }"#,
                then: #"{ $.userIdentity.arn = "*:user/*" || $.userIdentity.arn NOT EXISTS }"#),
            DomainFact(
                "user-without-issuer", "the issuer of an IAM user's session, if it is there, is empty",
                if: #"{ $.userIdentity.type = "IAMUser" }"#,
                then: "{ "
                    + ["userName", "arn", "type", "principalId", "accountId"]
                    .map { "$.userIdentity.sessionContext.sessionIssuer.\($0) NOT EXISTS" }.joined(separator: " && ")
                    + " }"),
            DomainFact(
                "root-arn", "the ARN of the root user ends in :root", if: #"{ $.userIdentity.type = "Root" }"#,
                then: #"{ $.userIdentity.arn = "*:root" }"#),
            DomainFact(
                "service-invokes", "a service is named by invokedBy", if: #"{ $.userIdentity.type = "AWSService" }"#,
                then: "{ $.userIdentity.invokedBy = * }"),
            DomainFact(
                "service-without-arn", "a service has neither ARN nor account",
                if: #"{ $.userIdentity.type = "AWSService" }"#,
                then: "{ $.userIdentity.arn NOT EXISTS && $.userIdentity.accountId NOT EXISTS }"),
            DomainFact(
                "failed-sign-in", "a sign-in that fails says so in its answer",
                if: #"{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }"#,
                then: #"{ $.responseElements.ConsoleLogin = "Failure" }"#),
        ] + [
            DomainFact(
                "changes-are-no-reads", "a call that changes something is not marked as read only",
                if: changes, then: "{ $.readOnly IS FALSE || $.readOnly NOT EXISTS }")
        ]

    /// The calls that the controls are about: all of them change something.
    private static var changes: String {
        let names = Catalogue.watchingEvents.flatMap { control in
            control.occasions(in: .newest).filter { $0.pattern.isAboutCalls }.map(\.name)
        }
        return "{ " + Set(names).sorted().map { "$.eventName = \($0)" }.joined(separator: " || ") + " }"
    }
}

extension FilterPattern {
    fileprivate var isAboutCalls: Bool {
        guard case .json(let formula) = self else { return false }
        return formula.leaves.allSatisfy { $0.selector == Selector("eventName") }
    }
}
