internal import AWSCore
internal import Crypto
internal import Notifications

/// A message as a mail (RFC 5322).
struct Mail {
    let delivery: Delivery
    let envelope: Envelope
    let sender: String

    /// The mail with its header, lines ended by CR LF.
    var text: [UInt8] {
        let subject: String
        let body: String
        switch (delivery.kind, delivery.protocolName) {
        case (.subscriptionConfirmation, "email"):
            subject = "AWS Notification - Subscription Confirmation"
            body = """
                Someone has asked that this address be told what is published to the topic

                    \(delivery.topicARN)

                To receive these messages, open this page and press the button:

                    \(envelope.baseURL)/confirm?TopicArn=\(delivery.topicARN)&Token=\(delivery.token ?? "")

                If you did not expect this mail, do nothing: nothing will be sent to you.
                """
        case (_, "email-json"):
            subject = delivery.subject ?? "AWS Notification Message"
            body = envelope.json
        default:
            subject = delivery.subject ?? "AWS Notification Message"
            body = """
                \(delivery.message)

                --
                To stop receiving these messages, open
                \(envelope.baseURL)/unsubscribe?SubscriptionArn=\(delivery.subscriptionARN)
                """
        }
        var header = [
            "From: AWS Notifications <\(sender)>", "To: <\(delivery.endpoint)>", "Subject: \(Self.encoded(subject))",
            "Date: \(Self.date(delivery.time))", "Message-ID: <\(delivery.messageID).\(delivery.id)@trailwarden>",
            "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
        ]
        let plain = Self.part("text/plain", body)
        guard delivery.kind == .notification, delivery.protocolName == "email", let html = delivery.html else {
            return Array((header.joined(separator: "\r\n") + "\r\n" + plain).utf8)
        }
        // Random, so that no text can end a part.
        let boundary = "=_" + delivery.id
        header.append("Content-Type: multipart/alternative; boundary=\"\(boundary)\"")
        let link = "\(envelope.baseURL)/unsubscribe?SubscriptionArn=\(delivery.subscriptionARN)"
        let page = html.replacing(
            "</body>",
            with:
                "<p style=\"font-size:12px;color:#6b7280\"><a href=\"\(escapedXML(link))\">Stop receiving these messages</a></p></body>"
        )
        let parts = [plain, Self.part("text/html", page)].map { "--\(boundary)\r\n\($0)" }
        return Array(
            (header.joined(separator: "\r\n") + "\r\n\r\n" + parts.joined(separator: "\r\n") + "--\(boundary)--\r\n")
                .utf8)
    }

    private static func part(_ type: String, _ text: String) -> String {
        var encoded = Base64.encode(Array(text.utf8))[...]
        var lines: [Substring] = []
        while !encoded.isEmpty {
            lines.append(encoded.prefix(76))
            encoded = encoded.dropFirst(76)
        }
        return "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + lines.joined(separator: "\r\n") + "\r\n"
    }

    /// A header may hold ASCII only, and no line ends (RFC 2047).
    private static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        if isPlain, text.utf8.count < 60, !text.contains("=?") { return text }
        var words: [String] = []
        var part = ""
        for character in text {
            if part.utf8.count + character.utf8.count > 42 {
                words.append(part)
                part = ""
            }
            part.append(character)
        }
        words.append(part)
        return words.map { "=?utf-8?B?\(Base64.encode(Array($0.utf8)))?=" }.joined(separator: "\r\n ")
    }

    private static func date(_ time: Timestamp) -> String {
        let civil = CivilTime(time)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = days[Int((time.seconds / 86_400) % 7)]
        return "\(day), \(padded(civil.day, 2)) \(months[civil.month - 1]) \(civil.year) \(padded(civil.hour, 2)):"
            + "\(padded(civil.minute, 2)):\(padded(civil.second, 2)) +0000"
    }
}
