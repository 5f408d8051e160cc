public import AWSCore
public import Controls
internal import LogGroups
internal import Metrics

/// An exception as it is getting on.
public struct ExceptionStatus: Sendable {
    public let exception: ControlException
    public let isExpired: Bool
    /// So many matches it has kept from counting, of events of the last thirty days.
    public let suppressed: Int
}

extension PipelineState {
    private static let month: Int64 = 30 * 24 * 60

    /// The exceptions in the order of the configuration.
    ///
    /// - Parameter account: whose matches; nil for all.
    public func exceptions(of account: String? = nil, at now: Timestamp) -> [ExceptionStatus] {
        guard !settings.exceptions.exceptions.isEmpty else { return [] }
        var suppressed: [String: Double] = [:]
        let start = now.minute - Self.month
        for (key, record) in metrics
        where key.metric.namespace == ExceptionRules.namespace && key.metric.name == ExceptionRules.metricName
            && account.map({ $0 == key.scope.account }) ?? true
        {
            load(record, from: start)
            guard let name = key.metric.dimensions.first(where: { $0.name == "Exception" })?.value else { continue }
            for series in record.units.values {
                suppressed[name, default: 0] += series.sum(from: start, through: now.minute)
            }
        }
        return settings.exceptions.exceptions.map {
            ExceptionStatus(
                exception: $0, isExpired: $0.expires <= now,
                suppressed: Int(exactly: min(max(suppressed[$0.name] ?? 0, 0), 1e15).rounded()) ?? 0)
        }
    }
}

extension Pipeline {
    /// The exceptions as they are getting on; none when the store is out of order.
    public var exceptions: [ExceptionStatus] {
        if settings.exceptions.exceptions.isEmpty { return [] }
        return (try? perform { state, now in state.exceptions(at: now) }) ?? []
    }
}
