/// What a topic is told, in the forms in which its subscribers take it.
public struct Announcement: Sendable {
    public var subject: String?
    public var message: String
    /// Texts for endpoints of a protocol, instead of `message`.
    public var byProtocol: [String: String]
    public var attributes: [String: Delivery.Attribute]
    /// What AWS does not say.
    public var more: More?

    /// For subscriptions that have not declined it.
    public struct More: Sendable {
        public var mailSubject: String
        public var mail: String
        /// The same as a page.
        public var html: String
        /// For http and https; nil when there is nothing to say beside the message.
        public var json: String?
        public var chat: ChatMessage
        /// Of an alarm: by which it is folded.
        public var alarm: Alarm
    }

    /// An alarm's change of state.
    public struct Alarm: Sendable {
        public var name: String
        public var arn: String
        public var isRinging: Bool
        /// Who called what: alarms of which this is the same are the same to a person. Nil when it is not known.
        public var identity: String?
        /// Whether it rang long ago: what follows is no way back from it.
        public var isPast: Bool

        public init(name: String, arn: String, isRinging: Bool, identity: String?, isPast: Bool = false) {
            self.isPast = isPast
            self.name = name
            self.arn = arn
            self.isRinging = isRinging
            self.identity = identity
        }
    }

    public init(
        subject: String?, message: String, byProtocol: [String: String] = [:],
        attributes: [String: Delivery.Attribute] = [:], more: More? = nil
    ) {
        self.subject = subject
        self.message = message
        self.byProtocol = byProtocol
        self.attributes = attributes
        self.more = more
    }

    /// For a chat.
    var chat: ChatMessage {
        more?.chat ?? ChatMessage(title: subject ?? "Notification", lines: [message])
    }
}

extension Announcement.More {
    public init(
        mailSubject: String, mail: String, html: String, chat: ChatMessage, alarm: Announcement.Alarm,
        json: String? = nil
    ) {
        self.mailSubject = mailSubject
        self.mail = mail
        self.html = html
        self.chat = chat
        self.alarm = alarm
        self.json = json
    }
}

/// What one subscriber gets of it.
public struct Rendering: Sendable {
    public var subject: String?
    public var message: String
    public var html: String?

    /// - Parameter subscription: by its protocol, its form, and what it has declined.
    public init(_ announcement: Announcement, for subscription: Subscription) {
        subject = announcement.subject
        let kind = subscription.protocolName
        if let format = subscription.chat {
            message = announcement.chat.json(format)
            return
        }
        message = announcement.byProtocol[kind] ?? announcement.message
        guard let more = announcement.more, subscription.wantsMore else { return }
        switch kind {
        case "email": (subject, message, html) = (more.mailSubject, more.mail, more.html)
        case "http", "https": message = more.json ?? message
        default: break
        }
    }
}
