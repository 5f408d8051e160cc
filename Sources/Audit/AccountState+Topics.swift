internal import AWSCore
internal import Metrics
internal import Notifications
internal import WireValues

extension AccountState {
    /// What keeps a topic from telling somebody of an alarm; nothing when it does.
    func findings(ofTopic arn: String, alarm: DeployedAlarm) -> [Finding] {
        // A filter policy may let one alarm through and not another.
        let key = arn + " " + alarm.arn
        if let known = topics[key] { return known }
        let found = readTopic(arn, alarm)
        topics[key] = found
        return found
    }

    /// Who is subscribed to a topic, confirmed or not.
    func subscriptions(of topic: ARN, _ arn: String) -> Result<[WireValue], ReadFailure> {
        if let known = subscriptions[arn] { return known }
        let read = Result { () throws(ReadFailure) in try reader.subscriptions(of: arn, region: topic.region) }
        subscriptions[arn] = read
        return read
    }

    private func readTopic(_ arn: String, _ alarm: DeployedAlarm) -> [Finding] {
        guard let topic = ARN(arn) else { return [Finding(.topic, arn, "it is no ARN of a topic")] }
        let subscriptions: [WireValue]
        switch self.subscriptions(of: topic, arn) {
        case .success(let found): subscriptions = found
        case .failure(let error):
            return [error.isNotFound ? Finding(.topic, arn, "there is no such topic") : Finding(.topic, arn, error)]
        }
        if subscriptions.isEmpty { return [Finding(.subscription, arn, "nobody is subscribed to the topic")] }
        let confirmed = subscriptions.filter { $0.text("SubscriptionArn")?.hasPrefix("arn:") == true }
        if confirmed.isEmpty {
            let waiting = subscriptions.map { TopicEndpoint.shown($0.text("Endpoint") ?? "") }.joined(separator: ", ")
            return [Finding(.subscription, arn, "no subscription is confirmed: \(waiting) must confirm first")]
        }
        var findings: [Finding] = []
        for subscription in confirmed {
            let name = subscription.text("SubscriptionArn") ?? ""
            do throws(ReadFailure) {
                let answer = try reader.call(
                    "sns", "GetSubscriptionAttributes", ["SubscriptionArn": .string(name)], region: topic.region)
                let attributes = answer["Attributes"] ?? .empty
                guard let text = attributes.text("FilterPolicy"), text != "{}" else { return [] }
                let scope = attributes.text("FilterPolicyScope").flatMap(FilterPolicy.Scope.init) ?? .attributes
                guard let policy = try? FilterPolicy(text, scope: scope) else {
                    findings.append(
                        Finding(.subscription, name, "its filter policy could not be read", isUnknown: true))
                    continue
                }
                if policy.admits(message: Self.message(of: alarm), attributes: [:]) { return [] }
                // Messages of alarms have no attributes; of their body not everything is known here.
                findings.append(
                    scope == .attributes
                        ? Finding(.subscription, name, "its filter policy drops the messages of the alarm")
                        : Finding(
                            .subscription, name, "its filter policy may drop the messages of the alarm", isUnknown: true
                        ))
            } catch {
                findings.append(Finding(.subscription, name, error))
            }
        }
        return findings
    }

    /// What a topic is sent when the alarm rings, as far as filter policies look at it.
    private static func message(of alarm: DeployedAlarm) -> String {
        JSONWire.text([
            "AlarmName": .string(alarm.name), "AlarmArn": .string(alarm.arn), "NewStateValue": "ALARM",
            "OldStateValue": "OK", "AWSAccountId": .string(ARN(alarm.arn)?.account ?? ""),
            "Trigger": [
                "MetricName": .string(alarm.metrics.first?.name ?? ""),
                "Namespace": .string(alarm.metrics.first?.namespace ?? ""),
            ],
        ])
    }
}

enum TopicEndpoint {
    /// An endpoint without the password that it may hold, or be.
    static func shown(_ endpoint: String) -> String {
        if ChatFormat.split(endpoint).format != nil { return ChatFormat.shown(endpoint) }
        guard endpoint.hasPrefix("http"), let at = endpoint.lastIndex(of: "@"),
            let slashes = endpoint.firstIndex(of: "/")
        else { return endpoint }
        let start = endpoint.index(slashes, offsetBy: 2, limitedBy: at) ?? at
        return endpoint[..<start] + "…" + endpoint[at...]
    }
}
