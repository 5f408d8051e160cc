public import AWSCore
public import WireValues

/// Who did what: the parts of a matching event that a person asks for first.
public struct Evidence: Hashable, Sendable {
    public var time: Timestamp
    /// `alice`, `Admin/bob` for a session of a role, `root`, or the service that made the call.
    public var actor: String?
    /// As CloudTrail names kinds of callers: `IAMUser`, `AssumedRole`…
    public var actorType: String?
    public var account: String?
    public var region: String?
    public var sourceAddress: String?
    public var userAgent: String?
    /// `cloudtrail:StopLogging`
    public var call: String?
    /// What the call was about, as far as its parameters tell.
    public var resource: String?
    public var errorCode: String?
    public var eventID: String?
    /// Of an event that is no CloudTrail record, its beginning.
    public var text: String?

    /// No value is kept longer than that, in characters.
    private static let longest = 256

    /// - Parameter message: the event as it was stored.
    public init(_ message: UnsafeRawBufferPointer, at time: Timestamp) {
        self.time = time
        guard let event = JSONWire.parse(Array(message)), let name = event.text("eventName") else {
            text =
                String(String(decoding: message.prefix(Self.longest * 4), as: UTF8.self).prefix(Self.longest)).harmless
            return
        }
        let service = event.text("eventSource").map { $0.split(separator: ".").first.map(String.init) ?? $0 }
        call = service.map { "\($0):\(name)" } ?? name
        let identity = event["userIdentity"] ?? .empty
        actorType = identity.text("type")
        actor = Self.actor(identity)
        account = event.text("recipientAccountId") ?? identity.text("accountId")
        region = event.text("awsRegion")
        sourceAddress = event.text("sourceIPAddress")
        userAgent = event.text("userAgent").map { String($0.prefix(Self.longest)) }
        errorCode = event.text("errorCode")
        eventID = event.text("eventID")
        resource = Self.resource(event).map { String($0.prefix(Self.longest)) }
        actor = actor.map { String($0.prefix(Self.longest)) }
        for field in [
            \Evidence.actor, \.actorType, \.account, \.region, \.sourceAddress, \.userAgent, \.call, \.resource,
            \.errorCode,
            \.eventID,
        ] { self[keyPath: field] = self[keyPath: field]?.harmless }
    }

    private static func actor(_ identity: WireValue) -> String? {
        switch identity.text("type") {
        case "Root": return "root"
        case "AssumedRole":
            let issuer = identity["sessionContext"]?["sessionIssuer"]
            let session = identity.text("arn")?.split(separator: "/").last.map(String.init)
            guard let role = issuer?.text("userName") else { return session ?? identity.text("principalId") }
            return session.map { "\(role)/\($0)" } ?? role
        case "AWSService": return identity.text("invokedBy") ?? "an AWS service"
        default:
            return identity.text("userName") ?? identity.text("arn") ?? identity.text("principalId")
                ?? identity.text("invokedBy")
        }
    }

    /// The resource that the event names, or else the parameter that looks most like a name.
    private static func resource(_ event: WireValue) -> String? {
        if case .list(let resources)? = event["resources"], let arn = resources.first?.text("ARN") { return arn }
        let parameters = event["requestParameters"]?.members ?? []
        let texts = parameters.compactMap { member -> (name: String, value: String)? in
            if case .string(let text) = member.value, !text.isEmpty { return (member.name, text) }
            return nil
        }
        for ending in ["arn", "name", "id"] {
            if let found = texts.first(where: { $0.name.lowercased().hasSuffix(ending) }) { return found.value }
        }
        return texts.first?.value
    }

    /// One line for people: when, who, what, on what, from where.
    public var line: String { "\(Timestamp(seconds: time.seconds))  \(what)" }

    /// The same without the time.
    public var what: String {
        guard let call else { return text ?? "" }
        var line = "\(actor ?? "somebody") called \(call)"
        if let resource { line += " on \(resource)" }
        if let errorCode { line += " (\(errorCode))" }
        if let sourceAddress { line += " from \(sourceAddress)" }
        let place = [account, region].compactMap { $0 }
        if !place.isEmpty { line += " in \(place.joined(separator: " "))" }
        return line
    }

    /// The caller, and no other: a name may be that of several in several accounts. Nil when it is not known.
    public var who: String? {
        actor.map { "\(actorType.map { "\($0) " } ?? "")\($0)\(account.map { " of \($0)" } ?? "")" }
    }

    public var json: WireValue {
        [
            "time": .string(time.description), "actor": WireValue(actor), "actorType": WireValue(actorType),
            "account": WireValue(account), "region": WireValue(region), "sourceIPAddress": WireValue(sourceAddress),
            "userAgent": WireValue(userAgent), "call": WireValue(call), "resource": WireValue(resource),
            "errorCode": WireValue(errorCode), "eventID": WireValue(eventID), "text": WireValue(text),
        ]
    }
}

extension WireValue {
    fileprivate func text(_ name: String) -> String? {
        if case .string(let text)? = self[name], !text.isEmpty { text } else { nil }
    }
}
