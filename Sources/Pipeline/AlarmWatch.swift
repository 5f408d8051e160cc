internal import Alarms
internal import Metrics

/// What must be at hand of an alarm to judge it, once a minute and whenever its metric receives data.
final class AlarmWatch {
    let key: AlarmKey
    let alarm: MetricAlarm
    let breachIsFinal: Bool
    let unit: String?
    /// Of an alarm on metric math.
    let queries: [MetricDataQuery]?
    let metrics: [MetricKey]
    var state: AlarmState
    /// The first of the metrics, once it has received data.
    var record: MetricRecord?
    /// The last minute at which time alone may change the state.
    var activeUntil: Int64 = .max

    init(_ configuration: AlarmConfiguration, _ key: AlarmKey) {
        self.key = key
        alarm = configuration.evaluated
        breachIsFinal = configuration.breachIsFinal
        unit = configuration.unit
        queries = configuration.queries
        metrics = configuration.metrics.map { MetricKey(scope: key.scope, metric: $0) }
        state = configuration.state
    }
}
