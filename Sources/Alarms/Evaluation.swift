/// What an evaluation says.
public struct Verdict: Hashable, Sendable {
    public var state: AlarmState
    /// The datapoints it rests on, newest first.
    public var evaluated: [Datapoint]

    /// Whether the data leave the state as it was.
    public var keepsState: Bool

    let alarm: MetricAlarm

    /// The text of `StateReason`. Made when it is asked for: most verdicts change nothing.
    public var reason: String {
        evaluated.isEmpty ? alarm.reasonWithoutData : alarm.reason(evaluated, state: state)
    }
}

extension MetricAlarm {
    /// Judges the periods of `window`.
    ///
    /// Pure: the same window and present state give the same verdict, in the service and in a backtest. When the data
    /// leave the state as it is, the verdict is `current`.
    ///
    /// With N real datapoints in the window the N newest decide and missing data play no part; with fewer, only what
    /// lacks to N is filled as `treatMissingData` says (CloudWatch User Guide, "How alarm state is evaluated when data
    /// is missing").
    public func evaluate(_ window: PeriodWindow, current: AlarmState) -> Verdict {
        let newestFirst = Array(window.datapoints.reversed())
        let real = newestFirst.compactMap(\.self)
        let missing = max(0, evaluationPeriods - real.count)
        guard !real.isEmpty else { return verdictWithoutData(current) }

        let evaluated = Array(real.prefix(evaluationPeriods))
        let breaching = evaluated.filter(isBreaching).count
        let state: AlarmState?
        if missing == 0 {
            state = breaching >= datapointsToAlarm ? .alarm : .ok
        } else {
            switch treatMissingData {
            case .breaching: state = breaching + missing >= datapointsToAlarm ? .alarm : .ok
            case .notBreaching: state = breaching >= datapointsToAlarm ? .alarm : .ok
            case .missing, .ignore:
                if breaching >= datapointsToAlarm {
                    state = .alarm
                } else if breaching < evaluated.count {
                    state = .ok
                } else {
                    state = verdictOnOldBreaches(newestFirst)
                }
            }
        }
        return Verdict(state: state ?? current, evaluated: evaluated, keepsState: state == nil, alarm: self)
    }

    private func isBreaching(_ datapoint: Datapoint) -> Bool {
        comparisonOperator.isBreaching(datapoint.value, threshold)
    }

    /// Only breaches, fewer than are needed: once the oldest stands at place M the alarm goes off all the same, lest a
    /// metric that stopped after a breach stay silent.
    private func verdictOnOldBreaches(_ newestFirst: [Datapoint?]) -> AlarmState? {
        let oldest = newestFirst.lastIndex { $0 != nil } ?? 0
        guard oldest + 1 >= datapointsToAlarm else { return nil }
        return treatMissingData == .missing ? .alarm : nil
    }

    private func verdictWithoutData(_ current: AlarmState) -> Verdict {
        let state: AlarmState? =
            switch treatMissingData {
            case .missing: .insufficientData
            case .ignore: nil
            case .breaching: .alarm
            case .notBreaching: .ok
            }
        return Verdict(state: state ?? current, evaluated: [], keepsState: state == nil, alarm: self)
    }
}
