internal import AWSCore
internal import Crypto
internal import Notifications
internal import WireValues

/// A message as SNS posts it: with where it comes from, signed (SNS Developer Guide, "Parsing message formats" and
/// "Verifying the signatures of messages").
struct Envelope {
    let delivery: Delivery
    let key: SigningKey
    /// The address of the server, without a slash at its end.
    let baseURL: String

    var unsubscribeURL: String {
        "\(baseURL)/?Action=Unsubscribe&SubscriptionArn=\(delivery.subscriptionARN)"
    }

    private var subscribeURL: String {
        "\(baseURL)/?Action=ConfirmSubscription&TopicArn=\(delivery.topicARN)&Token=\(delivery.token ?? "")"
    }

    private var time: String {
        let time = CivilTime(delivery.time)
        return "\(delivery.time.date)T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))."
            + "\(padded(time.millisecond, 3))Z"
    }

    /// What the signature covers: names and values, a line each.
    private var signedText: String {
        var lines = ["Message", delivery.message, "MessageId", delivery.messageID]
        if delivery.kind == .notification {
            if let subject = delivery.subject { lines += ["Subject", subject] }
            lines += ["Timestamp", time]
        } else {
            lines += ["SubscribeURL", subscribeURL, "Timestamp", time, "Token", delivery.token ?? ""]
        }
        lines += ["TopicArn", delivery.topicARN, "Type", delivery.kind.rawValue]
        return lines.joined(separator: "\n") + "\n"
    }

    var json: String {
        var members: [WireMember] = []
        func add(_ name: String, _ text: String?) {
            if let text { members.append(WireMember(name, .string(text))) }
        }
        let signature = key.sign(Array(signedText.utf8), delivery.signatureVersion == "1" ? .sha1 : .sha256)
        add("Type", delivery.kind.rawValue)
        add("MessageId", delivery.messageID)
        if delivery.kind != .notification { add("Token", delivery.token) }
        add("TopicArn", delivery.topicARN)
        add("Subject", delivery.subject)
        add("Message", delivery.message)
        if delivery.kind != .notification { add("SubscribeURL", subscribeURL) }
        add("Timestamp", time)
        add("SignatureVersion", delivery.signatureVersion)
        add("Signature", Base64.encode(signature))
        add("SigningCertURL", baseURL + Self.certificatePath(key))
        if delivery.kind == .notification {
            add("UnsubscribeURL", unsubscribeURL)
            if !delivery.attributes.isEmpty {
                let attributes = delivery.attributes.sorted { $0.key < $1.key }.map { name, attribute in
                    WireMember(name, ["Type": .string(attribute.type), "Value": .string(attribute.value)])
                }
                members.append(WireMember("MessageAttributes", .structure(attributes)))
            }
        }
        // Over several lines, as SNS writes it.
        let lines = members.map { "  \(JSONWire.text(.string($0.name))) : \(JSONWire.text($0.value))" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}"
    }

    /// Where the certificate is served.
    static func certificatePath(_ key: SigningKey) -> String {
        "/SimpleNotificationService-\(hex(SHA256.hash(Array(key.certificateText.utf8)).prefix(16))).pem"
    }
}
