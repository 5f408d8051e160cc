public import AWSWire

extension Service where Context == Call {
    /// CloudWatch.
    public static let monitoring = Service(
        signingName: "monitoring", eventSource: "monitoring.amazonaws.com",
        targetPrefix: "GraniteServiceVersion20100801", cborName: "GraniteServiceVersion20100801",
        queryVersion: "2010-08-01", namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
        shapePrefix: "com.amazonaws.cloudwatch.v2010_08_01#", isQueryCompatible: true,
        invalid: { AWSFault.Monitoring.validation($0) },
        operations: [
            .putMetricAlarm, .putCompositeAlarm, .describeAlarms, .describeAlarmsForMetric, .describeAlarmHistory,
            .deleteAlarms,
            .setAlarmState, .enableAlarmActions, .disableAlarmActions, .putMetricData, .listMetrics,
            .getMetricStatistics, .getMetricData, .putDashboard, .getDashboard, .listDashboards, .deleteDashboards,
            .tagAlarm, .untagAlarm, .listTagsOfAlarm,
        ])
}
