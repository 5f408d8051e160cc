/// Where services are called, as in `http://127.0.0.1:4599`; AWS for those that have none.
public struct Endpoints: Sendable {
    private var general: String?
    private var services: [String: String] = [:]

    /// - Parameter general: for all services.
    public init(_ general: String?) {
        self.general = general.map(Self.trimmed)
    }

    /// The same but for where the files are: whoever keeps those has no say about anything else.
    public func storing(at url: String) -> Endpoints {
        var endpoints = self
        for service in ["s3", "sqs"] { endpoints.services[service] = Self.trimmed(url) }
        return endpoints
    }

    /// As the environment has them: `AWS_ENDPOINT_URL_S3` for one service comes before `AWS_ENDPOINT_URL` for all (AWS
    /// SDKs and Tools Reference Guide, "Service-specific endpoints").
    ///
    /// - Parameter general: where the environment names none for all.
    init(environment: [String: String], general: String?) {
        self.init(environment["AWS_ENDPOINT_URL"] ?? general)
        for (service, identifier) in Self.identifiers {
            services[service] = environment["AWS_ENDPOINT_URL_" + identifier].map(Self.trimmed)
        }
    }

    /// By the names of services in signatures.
    subscript(_ service: String) -> String? { services[service] ?? general }

    private static let identifiers = [
        "logs": "CLOUDWATCH_LOGS", "cloudtrail": "CLOUDTRAIL", "monitoring": "CLOUDWATCH", "sns": "SNS", "sts": "STS",
        "iam": "IAM", "sqs": "SQS", "account": "ACCOUNT", "s3": "S3", "securityhub": "SECURITYHUB", "sso": "SSO",
    ]

    private static func trimmed(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
}
