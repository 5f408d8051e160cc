internal import AWSCore
internal import Alarms
internal import Controls
internal import LogGroups
internal import Metrics
internal import Notifications
internal import Pipeline
internal import Store

extension Server {
    /// Where the controls are put, and under which names.
    public enum ControlSetup {
        public static let logGroup = "cloudtrail/management-events"
        public static let topic = "cis-monitoring"
        public static let namespace = "CISBenchmark"
    }

    /// Puts the monitoring controls of the benchmark in force, as its remediation does: a metric filter and an alarm for
    /// each on one log group, and a topic for all. What is there already stays as it is.
    public func putControls(account: String, region: String = "us-east-1") throws(StartError) {
        let scope = Scope(account: account, region: region)
        do throws(StoreError) {
            try pipeline.perform { state, now in
                let group = ControlSetup.logGroup
                if state.logGroups[scope, group] == nil {
                    state.logGroups[scope, group] = LogGroup(name: group, creationTime: now)
                }
                let arn = scope.arn("sns", ControlSetup.topic)
                if state.topics[scope, ControlSetup.topic] == nil {
                    state.topics[scope, ControlSetup.topic] = Topic(
                        name: ControlSetup.topic, arn: arn, owner: account)
                }
                for control in Catalogue.watchingEvents {
                    let pattern = control.publishedPattern(in: .newest)
                    let key = group + ":" + control.id
                    if state.metricFilters[scope, key] == nil {
                        let transformation = MetricTransformation(
                            metricName: control.metricName, metricNamespace: ControlSetup.namespace, metricValue: "1")
                        state.metricFilters[scope, key] = MetricFilter(
                            name: control.id, pattern: pattern, transformation: transformation, creationTime: now)
                    }
                    if state.alarms[scope, control.id] == nil {
                        var alarm = AlarmConfiguration(
                            name: control.id,
                            metric: Metric(namespace: ControlSetup.namespace, name: control.metricName),
                            statistic: "Sum", period: 300, evaluationPeriods: 1, threshold: 1,
                            comparisonOperator: .greaterThanOrEqualToThreshold, at: now)
                        alarm.alarmDescription = control.title
                        alarm.treatMissingData = .notBreaching
                        alarm.alarmActions = [arn]
                        state.put(alarm, in: scope, at: now)
                    }
                }
                state.filtersChanged(of: group, in: scope)
            }
        } catch {
            throw StartError(description: error.description)
        }
    }
}
