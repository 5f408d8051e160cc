public import AWSCore
public import Crypto
public import Notifications
internal import Store
internal import WireValues

extension PipelineState {
    /// The journal of what was delivered, and what was given up.
    public static let deliveryJournal = "delivery"

    // MARK: Publishing

    /// Puts a message on its way to every confirmed subscription of a topic that wants it, and gives its id.
    @discardableResult
    public func publish(
        _ announcement: Announcement, to topic: String, in scope: Scope, at now: Timestamp
    ) -> String {
        let id = randomUUID()
        guard let row = topics[scope, topic] else { return id }
        for subscription in subscriptions.all(in: scope, prefix: topic + ":") where subscription.isConfirmed {
            guard admits(subscription, announcement.message, announcement.attributes) else { continue }
            if let alarm = announcement.more?.alarm, subscription.folds,
                fold(alarm, for: subscription, of: topic, in: scope, at: now)
            {
                continue
            }
            send(announcement, to: subscription, of: row, in: scope, messageID: id, at: now)
        }
        return id
    }

    /// Puts a message on its way to one subscription.
    func send(
        _ announcement: Announcement, to subscription: Subscription, of topic: Topic, in scope: Scope,
        messageID: String, at now: Timestamp
    ) {
        let rendering = Rendering(announcement, for: subscription)
        enqueue(
            .notification, to: subscription, of: topic, in: scope, messageID: messageID, subject: rendering.subject,
            message: rendering.message, html: rendering.html, attributes: announcement.attributes, at: now)
    }

    private func admits(
        _ subscription: Subscription, _ message: String, _ attributes: [String: Delivery.Attribute]
    ) -> Bool {
        guard let text = subscription.attributes["FilterPolicy"], !text.isEmpty, text != "{}" else { return true }
        let scope = subscription.attributes["FilterPolicyScope"].flatMap(FilterPolicy.Scope.init) ?? .attributes
        // A policy was checked when it was set.
        guard let policy = try? FilterPolicy(text, scope: scope) else { return true }
        return policy.admits(message: message, attributes: attributes)
    }

    /// Asks an endpoint whether it wants a topic's messages.
    public func sendConfirmation(
        of subscription: Subscription, kind: Delivery.Kind = .subscriptionConfirmation, in scope: Scope,
        at now: Timestamp
    ) {
        guard let topic = ARN(subscription.topicARN).flatMap({ topics[scope, $0.resource] }) else { return }
        let text =
            kind == .subscriptionConfirmation
            ? "You have chosen to subscribe to the topic \(subscription.topicARN).\n"
                + "To confirm the subscription, visit the SubscribeURL included in this message."
            : "You have chosen to deactivate subscription \(subscription.arn).\n"
                + "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
        enqueue(
            kind, to: subscription, of: topic, in: scope, messageID: randomUUID(), subject: nil, message: text,
            token: subscription.token, at: now)
    }

    private func enqueue(
        _ kind: Delivery.Kind, to subscription: Subscription, of topic: Topic, in scope: Scope, messageID: String,
        subject: String?, message: String, html: String? = nil, attributes: [String: Delivery.Attribute] = [:],
        token: String? = nil, at now: Timestamp
    ) {
        let policy = retryPolicy(of: subscription, topic)
        var delivery = Delivery(
            id: randomUUID(), kind: kind, to: subscription,
            signatureVersion: topic.signatureVersion(default: settings.signatureVersion), policy: policy.retries,
            messageID: messageID, subject: subject, message: message, attributes: attributes, token: token, at: now)
        delivery.contentType = subscription.chat == nil ? policy.contentType : "application/json"
        delivery.html = html
        wait(for: delivery, in: scope)
    }

    private func retryPolicy(of subscription: Subscription, _ topic: Topic) -> (
        retries: RetryPolicy, contentType: String?
    ) {
        if subscription.protocolName.hasPrefix("email") { return (.mail, nil) }
        let policy = DeliveryPolicy(of: subscription, topic)
        var type: String?
        if case .string(let text)? = policy.request?["headerContentType"] { type = text }
        return (policy.retries, type)
    }

    // MARK: Delivering

    /// Keeps a delivery until it is due.
    private func wait(for delivery: Delivery, in scope: Scope) {
        deliveries[scope, delivery.id] = delivery
        due.insert(DueQueue.Entry(due: delivery.due, scope: scope, id: delivery.id))
        hasNewDeliveries = true
    }

    /// Takes deliveries that are due; each must be given back with `finish`.
    public func claimDeliveries(limit: Int, at now: Timestamp) -> [(scope: Scope, delivery: Delivery)] {
        var claimed: [(scope: Scope, delivery: Delivery)] = []
        while claimed.count < limit, let next = due.first, next.due <= now {
            due.removeFirst()
            // One that was deleted meanwhile is in the queue still.
            if let delivery = deliveries[next.scope, next.id] { claimed.append((next.scope, delivery)) }
        }
        return claimed
    }

    /// When the next delivery is due that nobody has taken; nil when there is none.
    public func nextDelivery() -> Timestamp? { due.first?.due }

    public func finish(_ delivery: Delivery, in scope: Scope, _ outcome: DeliveryOutcome, at now: Timestamp) {
        guard var row = deliveries[scope, delivery.id] else { return }
        switch outcome {
        case .delivered:
            deliveries[scope, delivery.id] = nil
            log(row, in: scope, status: "delivered", nil, at: now)
        case .refused(let reason):
            deliveries[scope, delivery.id] = nil
            log(row, in: scope, status: "refused", reason, at: now)
        case .failed(let reason):
            row.failures += 1
            row.lastError = reason
            if let delay = row.policy.delay(afterFailures: row.failures) {
                row.due = Timestamp(milliseconds: now.milliseconds + Int64(delay * 1000))
                wait(for: row, in: scope)
            } else {
                deliveries[scope, delivery.id] = nil
                log(row, in: scope, status: "given up", reason, at: now)
            }
        }
    }

    private func log(_ delivery: Delivery, in scope: Scope, status: String, _ reason: String?, at now: Timestamp) {
        let body: WireValue = [
            "status": .string(status), "kind": .string(delivery.kind.rawValue),
            "messageId": .string(delivery.messageID), "subject": WireValue(delivery.subject),
            "subscription": .string(delivery.subscriptionARN), "protocol": .string(delivery.protocolName),
            "endpoint": .string(delivery.shownEndpoint), "failures": WireValue(delivery.failures),
            "reason": WireValue(reason ?? delivery.lastError),
        ]
        batch.entries.append(
            Batch.Entry(
                id: takeNumber(), journal: Self.deliveryJournal, scope: scope, subject: delivery.topicARN, time: now,
                body: Array(JSONWire.text(body).utf8)))
    }

    /// Drops subscriptions whose token has expired unused.
    func expireSubscriptions(at now: Timestamp) {
        var expired: [(Scope, String)] = []
        subscriptions.forEach { scope, name, subscription in
            let end = subscription.created.advanced(bySeconds: Subscription.tokenLifetime)
            if !subscription.isConfirmed, end < now { expired.append((scope, name)) }
        }
        for (scope, name) in expired { subscriptions[scope, name] = nil }
    }

    // MARK: Signing

    private static let secretScope = Scope(account: "", region: "")

    public var hasSigningKey: Bool { secrets[Self.secretScope, "signing-key"] != nil }

    /// The key that signs messages, kept in the store; `new` becomes it when there is none.
    public func signingKey(or new: SigningKey?) -> SigningKey? {
        if let key = secrets[Self.secretScope, "signing-key"],
            let certificate = secrets[Self.secretScope, "signing-certificate"]
        {
            return SigningKey(privateText: key, certificateText: certificate)
        }
        guard let new else { return nil }
        secrets[Self.secretScope, "signing-key"] = new.privateText
        secrets[Self.secretScope, "signing-certificate"] = new.certificateText
        return new
    }
}
