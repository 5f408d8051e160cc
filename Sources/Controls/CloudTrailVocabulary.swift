public import FilterPattern

/// Names that CloudTrail writes and that are no calls of the interface: outcomes, and what services do by themselves.
private let beyondTheInterface: [String: Set<String>] = [
    "organizations": ["CreateAccountResult", "CreateGovCloudAccountResult"],
    "s3": [
        "PutBucketPublicAccessBlock", "GetBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock",
        "PutAccountPublicAccessBlock",
        "GetAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock", "PutBucketLifecycleConfiguration",
    ],
    "kms": ["DeleteKey", "RotateKey", "DeleteExpiredKeyMaterial", "SynchronizeMultiRegionKey"],
    "iam": ["CreateServiceLinkedRole"],
    "config": ["ConfigResourceDeleted", "ConfigRuleEvaluationsStarted"],
]

extension Vocabulary {
    /// The words of CloudTrail records (CloudTrail User Guide, "CloudTrail record contents").
    public static let cloudTrail: Vocabulary = {
        let fields = """
            eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode
            errorMessage requestParameters responseElements additionalEventData requestID eventID eventType apiVersion
            managementEvent readOnly resources recipientAccountId serviceEventDetails sharedEventID vpcEndpointId
            vpcEndpointAccountId eventCategory addendum sessionCredentialFromConsole edgeDeviceDetails tlsDetails
            insightDetails type principalId arn accountId accessKeyId userName sessionContext sessionIssuer
            webIdFederationData attributes mfaAuthenticated creationDate invokedBy identityProvider inScopeOf onBehalfOf
            MFAUsed MFAIdentifier LoginTo MobileVersion ConsoleLogin SwitchRole ARN
            """
        let names = EventNames.byService.mapValues { Set($0.split(whereSeparator: \.isWhitespace).map(String.init)) }
        var bySource: [String: Set<String>] = ["signin.amazonaws.com": ["ConsoleLogin", "SwitchRole", "CheckMfa"]]
        for (service, calls) in names {
            bySource["\(service).amazonaws.com"] = calls.union(beyondTheInterface[service] ?? [])
        }
        return Vocabulary(
            fields: Set(fields.split(whereSeparator: \.isWhitespace).map(String.init)),
            alwaysPresent: [
                Selector("eventName"), Selector("eventSource"), Selector("eventType"), Selector("eventTime"),
                Selector("awsRegion"), Selector("sourceIPAddress"), Selector("eventID"), Selector("eventVersion"),
            ],
            eventNames: bySource)
    }()
}
