internal import AWSCore
public import Crypto
internal import HTTP
public import Notifications

/// Takes messages to their endpoints: http, https, and mail.
public struct Courier: Sendable {
    public struct Settings: Sendable {
        /// The address of the server, without a slash at its end: what links in messages begin with.
        public var baseURL: String
        /// `smtp://host:25`; nil when no mail can be sent.
        public var smtpURL: String?
        public var mailSender = "no-reply@sns.amazonaws.com"
        /// Whether endpoints may be on this machine or in a private network.
        public var allowsLocalEndpoints: Bool

        public init(baseURL: String, smtpURL: String? = nil, allowsLocalEndpoints: Bool) {
            self.baseURL = baseURL
            self.smtpURL = smtpURL
            self.allowsLocalEndpoints = allowsLocalEndpoints
        }
    }

    private let settings: Settings
    private let key: @Sendable () -> SigningKey?
    private let web: HTTPClient
    private let post: HTTPClient

    /// - Parameter key: what messages are signed with; nil when there is none at present.
    public init(_ settings: Settings, key: @escaping @Sendable () -> SigningKey?) {
        self.settings = settings
        self.key = key
        web = HTTPClient { bytes in
            settings.allowsLocalEndpoints
                || !IPAddress(value: bytes.reduce(0) { $0 << 8 | UInt128($1) }, bits: bytes.count * 8).isLocal
        }
        // The mail server is the operator's choice, not a subscriber's.
        post = HTTPClient { _ in true }
    }

    /// Where the certificate is served that receivers check signatures with.
    public static func certificatePath(of key: SigningKey) -> String { Envelope.certificatePath(key) }

    /// One attempt to deliver a message.
    public func deliver(_ delivery: Delivery) -> DeliveryOutcome {
        guard let key = key() else { return .failed("there is no key to sign messages with") }
        let envelope = Envelope(delivery: delivery, key: key, baseURL: settings.baseURL)
        switch delivery.protocolName {
        case "http", "https": return deliver(envelope)
        case "email", "email-json": return mail(envelope)
        default: return .refused("this server does not deliver by \(delivery.protocolName)")
        }
    }

    private func deliver(_ envelope: Envelope) -> DeliveryOutcome {
        let delivery = envelope.delivery
        var headers = [
            ("x-amz-sns-message-type", delivery.kind.rawValue), ("x-amz-sns-message-id", delivery.messageID),
            ("x-amz-sns-topic-arn", delivery.topicARN),
        ]
        if delivery.kind != .subscriptionConfirmation {
            headers.append(("x-amz-sns-subscription-arn", delivery.subscriptionARN))
        }
        if delivery.isRaw { headers.append(("x-amz-sns-rawdelivery", "true")) }
        let type = delivery.kind == .notification ? delivery.contentType : nil
        headers.append(("Content-Type", type ?? "text/plain; charset=UTF-8"))
        headers.append(("User-Agent", "Amazon Simple Notification Service Agent"))
        headers.append(("Accept-Encoding", "gzip,deflate"))
        let body = delivery.isRaw ? delivery.message : envelope.json
        do throws(HTTPClient.TransferError) {
            let status = try web.send(
                "POST",
                delivery.endpoint, headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8)
            ).status
            switch status {
            case 200..<300: return .delivered
            case 429, 500...: return .failed("the endpoint answered \(status)")
            default: return .refused("the endpoint answered \(status)")
            }
        } catch {
            return .failed(error.description)
        }
    }

    private func mail(_ envelope: Envelope) -> DeliveryOutcome {
        guard let server = settings.smtpURL else {
            return .failed("no mail server is configured (--smtp-url)")
        }
        let mail = Mail(delivery: envelope.delivery, envelope: envelope, sender: settings.mailSender)
        do throws(HTTPClient.TransferError) {
            try post.mail(server, from: settings.mailSender, to: envelope.delivery.endpoint, text: mail.text)
            return .delivered
        } catch {
            return .failed(error.description)
        }
    }
}
