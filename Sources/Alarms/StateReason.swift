internal import AWSCore

// The texts of `StateReason`, as recorded from the service: numbers print as doubles, times as `dd/MM/yy HH:mm:ss`.

extension MetricAlarm {
    func reason(_ evaluated: [Datapoint], state: AlarmState) -> String {
        let breaching = evaluated.filter { comparisonOperator.isBreaching($0.value, threshold) }
        let isAlarm = state == .alarm
        let shown = isAlarm ? breaching : evaluated.filter { !breaching.contains($0) }
        let points = shown.isEmpty ? evaluated : shown
        let list = "[" + points.map(text).joined(separator: ", ") + "]"
        let one = points.count == 1
        let verb =
            "\(one ? "was" : "were") \(isAlarm ? "" : "not ")\(comparisonOperator.words) the threshold (\(threshold))"
        guard evaluationPeriods > 1 else {
            return "Threshold Crossed: \(points.count) \(one ? "datapoint" : "datapoints") \(list) \(verb)."
        }
        let minimum =
            isAlarm
            ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1
        let transition = isAlarm ? "OK -> ALARM" : "ALARM -> OK"
        return "Threshold Crossed: \(points.count) out of the last \(evaluationPeriods) datapoints \(list) \(verb) "
            + "(minimum \(minimum) \(minimum == 1 ? "datapoint" : "datapoints") for \(transition) transition)."
    }

    var reasonWithoutData: String {
        switch treatMissingData {
        case .missing, .ignore:
            "Insufficient Data: \(evaluationPeriods) \(evaluationPeriods == 1 ? "datapoint was" : "datapoints were") unknown."
        case .breaching: reasonForFilled("Breaching")
        case .notBreaching: reasonForFilled("NonBreaching")
        }
    }

    private func reasonForFilled(_ treatment: String) -> String {
        let periods = evaluationPeriods
        return periods == 1
            ? "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
                + "[\(treatment)]."
            : "Threshold Crossed: no datapoints were received for \(periods) periods and \(periods) missing datapoints "
                + "were treated as [\(treatment)]."
    }

    private func text(_ datapoint: Datapoint) -> String {
        let time = CivilTime(datapoint.start)
        let date = "\(padded(time.day, 2))/\(padded(time.month, 2))/\(padded(time.year % 100, 2))"
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        return "\(datapoint.value) (\(date) \(clock))"
    }
}
