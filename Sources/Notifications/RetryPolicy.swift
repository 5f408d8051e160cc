public import WireValues

/// When a delivery that failed is tried again (SNS Developer Guide, "Message delivery retries", HTTP/S).
public struct RetryPolicy: Codable, Sendable, Equatable {
    public enum Backoff: String, Codable, Sendable, CaseIterable { case linear, arithmetic, geometric, exponential }

    /// In seconds.
    public var minDelayTarget = 20
    public var maxDelayTarget = 20
    public var numRetries = 3
    public var numNoDelayRetries = 0
    public var numMinDelayRetries = 0
    public var numMaxDelayRetries = 0
    public var backoffFunction = Backoff.linear

    public init() {}

    /// That of mails: two retries after ten seconds, ten with growing delays, and 38 every ten minutes, some hours in all
    /// (SNS Developer Guide, "Message delivery retries", SMTP).
    public static let mail: RetryPolicy = {
        var policy = RetryPolicy()
        policy.minDelayTarget = 10
        policy.maxDelayTarget = 600
        policy.numRetries = 50
        policy.numMinDelayRetries = 2
        policy.numMaxDelayRetries = 38
        policy.backoffFunction = .exponential
        return policy
    }()

    /// Reads the `healthyRetryPolicy` of a subscription, or the `defaultHealthyRetryPolicy` of a topic.
    public init(_ value: WireValue) {
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            guard case .integer(let number)? = value[name] else { return nil }
            return min(max(Int(number), range.lowerBound), range.upperBound)
        }
        minDelayTarget = number("minDelayTarget", 1...3600) ?? 20
        maxDelayTarget = max(minDelayTarget, number("maxDelayTarget", 1...3600) ?? 20)
        numRetries = number("numRetries", 0...100) ?? 3
        numNoDelayRetries = number("numNoDelayRetries", 0...100) ?? 0
        numMinDelayRetries = number("numMinDelayRetries", 0...100) ?? 0
        numMaxDelayRetries = number("numMaxDelayRetries", 0...100) ?? 0
        if case .string(let name)? = value["backoffFunction"] { backoffFunction = Backoff(rawValue: name) ?? .linear }
    }

    /// Seconds to wait after so many failures; nil when it is not tried again.
    public func delay(afterFailures failures: Int) -> Double? {
        guard failures <= numRetries else { return nil }
        if failures <= numNoDelayRetries { return 0 }
        if failures <= numNoDelayRetries + numMinDelayRetries { return Double(minDelayTarget) }
        if failures > numRetries - numMaxDelayRetries { return Double(maxDelayTarget) }
        let steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries
        let step = failures - numNoDelayRetries - numMinDelayRetries
        let part = steps > 1 ? Double(step - 1) / Double(steps - 1) : 1
        let (low, high) = (Double(minDelayTarget), Double(maxDelayTarget))
        switch backoffFunction {
        case .linear: return low + (high - low) * part
        case .arithmetic: return low + (high - low) * part * (part + 1) / 2
        case .geometric: return low + (high - low) * part * part
        case .exponential:
            var delay = low
            for _ in 1..<max(1, step) { delay = min(high, delay * 2) }
            return part >= 1 ? high : delay
        }
    }

    public var value: WireValue {
        [
            "minDelayTarget": WireValue(minDelayTarget), "maxDelayTarget": WireValue(maxDelayTarget),
            "numRetries": WireValue(numRetries), "numMaxDelayRetries": WireValue(numMaxDelayRetries),
            "numNoDelayRetries": WireValue(numNoDelayRetries), "numMinDelayRetries": WireValue(numMinDelayRetries),
            "backoffFunction": .string(backoffFunction.rawValue),
        ]
    }
}
