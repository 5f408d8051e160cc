public import Controls
public import FilterPattern

/// The exceptions that are configured, and what they mean for a metric filter.
///
/// An event that a filter matches does not count when a control that the filter serves requires it, and every such control
/// has an exception that the event matches. So an exception silences the alarm of its control, and not that of another
/// which the same event rings; and a filter that serves several controls is silent only when none of them wants the event.
public struct ExceptionRules: Sendable {
    /// A control that a filter serves.
    public struct Served: Sendable {
        public let required: FilterPattern
        public let exceptions: [ControlException]

        public init(required: FilterPattern, exceptions: [ControlException]) {
            self.required = required
            self.exceptions = exceptions
        }
    }

    public static let none = ExceptionRules([]) { _ in [] }

    public let exceptions: [ControlException]
    private let servedBy: @Sendable (FilterPattern) -> [Served]

    /// - Parameter servedBy: the controls that a filter of a pattern serves.
    public init(_ exceptions: [ControlException], servedBy: @escaping @Sendable (FilterPattern) -> [Served]) {
        self.exceptions = exceptions
        self.servedBy = servedBy
    }

    /// Works out beforehand what filters serve, so that nobody waits for it when their first event comes in.
    public func prepare(for patterns: [String]) {
        for text in patterns where !exceptions.isEmpty {
            if let pattern = try? FilterPattern(text) { _ = served(by: pattern) }
        }
    }

    /// The controls that a filter serves; empty if none of them has an exception.
    func served(by pattern: FilterPattern) -> [Served] {
        guard !exceptions.isEmpty else { return [] }
        let served = servedBy(pattern)
        return served.contains { !$0.exceptions.isEmpty } ? served : []
    }

    /// The namespace of what the server says of itself. Nobody else may publish there.
    public static let namespace = "Trailwarden"
    /// The metric that counts what exceptions have kept from ringing, by control and exception.
    public static let metricName = "SuppressedMatches"
}
