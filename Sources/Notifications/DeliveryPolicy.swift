public import WireValues

/// What holds for the messages to a subscription: its own policy, for what that leaves open the topic's, and else the
/// defaults (SNS Developer Guide, "Creating an HTTP/S delivery policy").
public struct DeliveryPolicy: Sendable {
    public let retries: RetryPolicy
    public let throttle: WireValue?
    public let request: WireValue?

    public init(of subscription: Subscription, _ topic: Topic) {
        let own = subscription.attributes["DeliveryPolicy"].flatMap { JSONWire.parse($0) }
        let common = topic.attributes["DeliveryPolicy"].flatMap { JSONWire.parse($0) }?["http"]
        let retries = own?["healthyRetryPolicy"] ?? common?["defaultHealthyRetryPolicy"]
        self.retries = retries.map { RetryPolicy($0) } ?? RetryPolicy()
        throttle = own?["throttlePolicy"] ?? common?["defaultThrottlePolicy"]
        request = own?["requestPolicy"] ?? common?["defaultRequestPolicy"]
    }
}
