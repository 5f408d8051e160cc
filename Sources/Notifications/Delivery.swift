public import AWSCore

/// A message on its way to one endpoint: kept until it has arrived or is given up.
public struct Delivery: Codable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    public struct Attribute: Codable, Sendable, Equatable {
        public var type: String
        /// Text, or Base64 for `Binary`.
        public var value: String

        public init(type: String, value: String) {
            self.type = type
            self.value = value
        }
    }

    public var id: String
    public var kind: Kind
    public var subscriptionARN: String
    public var topicARN: String
    public var protocolName: String
    public var endpoint: String
    public var isRaw: Bool
    /// Whether the path of the endpoint is a secret.
    public var isChat: Bool?
    public var signatureVersion: String
    public var contentType: String?
    public var policy: RetryPolicy

    public var messageID: String
    public var subject: String?
    public var message: String
    /// The same as a page, for mails.
    public var html: String?
    public var attributes: [String: Attribute]
    public var time: Timestamp
    /// Of a confirmation.
    public var token: String?

    /// How many attempts have failed.
    public var failures = 0
    /// When the next attempt is due.
    public var due: Timestamp
    public var lastError: String?

    /// The endpoint for logs and lists.
    public var shownEndpoint: String { isChat == true ? ChatFormat.shown(endpoint) : endpoint }

    public init(
        id: String, kind: Kind, to subscription: Subscription, signatureVersion: String, policy: RetryPolicy,
        messageID: String, subject: String?, message: String, attributes: [String: Attribute] = [:],
        token: String? = nil, at now: Timestamp
    ) {
        self.id = id
        self.kind = kind
        subscriptionARN = subscription.arn
        topicARN = subscription.topicARN
        protocolName = subscription.protocolName
        endpoint = ChatFormat.split(subscription.endpoint).address
        isChat = subscription.chat == nil ? nil : true
        isRaw = (subscription.isRaw || subscription.chat != nil) && kind == .notification
        self.signatureVersion = signatureVersion
        self.policy = policy
        self.messageID = messageID
        self.subject = subject
        self.message = message
        self.attributes = attributes
        self.token = token
        time = now
        due = now
    }
}

/// What came of an attempt to deliver.
public enum DeliveryOutcome: Sendable, Equatable {
    case delivered
    /// May succeed another time.
    case failed(String)
    /// Never will.
    case refused(String)
}
