public import AWSCore

/// A topic of SNS: what is published to it goes to its subscriptions.
public struct Topic: Codable, Sendable {
    public var name: String
    public var arn: String
    public var owner: String
    /// Those that were set, by their names in the API.
    public var attributes: [String: String]
    public var tags: [String: String]
    public var deletedSubscriptions = 0

    public init(
        name: String, arn: String, owner: String, attributes: [String: String] = [:], tags: [String: String] = [:]
    ) {
        self.name = name
        self.arn = arn
        self.owner = owner
        self.attributes = attributes
        self.tags = tags
    }

    /// Whether it keeps the order of messages. Such topics deliver to queues only.
    public var isFIFO: Bool { attributes["FifoTopic"] == "true" }

    /// Whether its messages are signed by SHA-256 (`SignatureVersion` 2) rather than SHA-1.
    public func signatureVersion(default version: String) -> String { attributes["SignatureVersion"] ?? version }
}

/// An endpoint that a topic's messages go to.
public struct Subscription: Codable, Sendable {
    /// An attribute of this server's own: `false` declines what notifications of alarms tell beside AWS's message.
    public static let evidenceAttribute = "TrailwardenEvidence"

    /// Another: `slack` or `teams` makes the messages those of a chat, as the scheme of the endpoint does.
    public static let formatAttribute = "TrailwardenFormat"
    /// And another: `false` sends each of many like alarms.
    public static let foldingAttribute = "TrailwardenFolding"

    public var arn: String
    public var topicARN: String
    public var protocolName: String
    public var endpoint: String
    public var owner: String
    public var principal: String
    /// Those that were set, by their names in the API.
    public var attributes: [String: String]
    public var created: Timestamp
    public var isConfirmed: Bool
    public var wasConfirmedAuthenticated: Bool
    public var needsAuthenticationToUnsubscribe = false
    /// Proves that the endpoint wants the messages: whoever confirms must know it.
    public var token: String

    /// A token is good for two days (SNS API Reference, `ConfirmSubscription`).
    public static let tokenLifetime: Int64 = 2 * 86_400

    public init(
        arn: String, topicARN: String, protocolName: String, endpoint: String, owner: String, principal: String,
        attributes: [String: String], created: Timestamp, token: String
    ) {
        self.arn = arn
        self.topicARN = topicARN
        self.protocolName = protocolName
        self.endpoint = endpoint
        self.owner = owner
        self.principal = principal
        self.attributes = attributes
        self.created = created
        self.token = token
        isConfirmed = false
        wasConfirmedAuthenticated = false
    }

    /// Whether it wants to be told more than AWS tells.
    public var wantsMore: Bool { attributes[Self.evidenceAttribute] != "false" }

    /// Whether a person reads it, to whom like alarms are told once and counted.
    public var folds: Bool {
        (protocolName == "email" || chat != nil) && wantsMore && attributes[Self.foldingAttribute] != "false"
    }

    /// The form of a chat.
    public var chat: ChatFormat? {
        protocolName.hasPrefix("http")
            ? ChatFormat.split(endpoint).format ?? attributes[Self.formatAttribute].flatMap(ChatFormat.init) : nil
    }

    public var isRaw: Bool { attributes["RawMessageDelivery"] == "true" }
}
