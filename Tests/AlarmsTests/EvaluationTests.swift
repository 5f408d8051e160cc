import AWSCore
import Alarms
import Metrics
import TestSupport
import Testing

/// A window of five periods from the signs of the documentation: X breaching, O not, - missing; the newest last.
private func window(_ signs: String) -> PeriodWindow {
    PeriodWindow(
        signs.filter { $0 != " " }.enumerated().map { i, sign in
            sign == "-" ? nil : Datapoint(start: Timestamp(seconds: Int64(i * 60)), value: sign == "X" ? 2 : 0)
        })
}

@Suite struct `Alarm evaluation` {
    /// Both tables of "Configuring how CloudWatch alarms treat missing data"; nil where the state stays as it is.
    private static let tables:
        [(
            signs: String, m: Int, missing: AlarmState?, ignore: AlarmState?, breaching: AlarmState?,
            notBreaching: AlarmState?
        )] = [
            ("O - X - X", 3, .ok, .ok, .ok, .ok), ("O - - - -", 3, .ok, .ok, .ok, .ok),
            ("- - - - -", 3, .insufficientData, nil, .alarm, .ok), ("O X X - X", 3, .alarm, .alarm, .alarm, .alarm),
            ("- - X - -", 3, .alarm, nil, .alarm, .ok),
            ("O - X - X", 2, .alarm, .alarm, .alarm, .alarm), ("O O X O X", 2, .alarm, .alarm, .alarm, .alarm),
            ("O - X - -", 2, .ok, .ok, .alarm, .ok), ("- - - - O", 2, .ok, .ok, .alarm, .ok),
            ("- - - X -", 2, .alarm, nil, .alarm, .ok),
        ]

    @Test(arguments: tables.indices, AlarmState.allCases)
    func `gives every cell of the published tables`(row: Int, current: AlarmState) {
        let (signs, m, missing, ignore, breaching, notBreaching) = Self.tables[row]
        let expected: [(TreatMissingData, AlarmState?)] = [
            (.missing, missing), (.ignore, ignore), (.breaching, breaching), (.notBreaching, notBreaching),
        ]
        for (treatment, state) in expected {
            let alarm = MetricAlarm(
                name: "a", period: 60, evaluationPeriods: 3, datapointsToAlarm: m, treatMissingData: treatment)
            let verdict = alarm.evaluate(window(signs), current: current)
            #expect(verdict.state == state ?? current, "\(signs) \(m) of 3, \(treatment)")
            #expect(verdict.keepsState == (state == nil))
        }
    }

    @Test func `keeps its state on too few breaches that are too new to tell`() {
        let alarm = MetricAlarm(name: "a", evaluationPeriods: 3)
        for state in AlarmState.allCases { #expect(alarm.evaluate(window("- - - - X"), current: state).state == state) }
    }

    @Test(arguments: [
        (ComparisonOperator.greaterThanOrEqualToThreshold, [false, true, true]),
        (.greaterThanThreshold, [false, false, true]),
        (.lessThanThreshold, [true, false, false]), (.lessThanOrEqualToThreshold, [true, true, false]),
    ])
    func `compares as the operator says`(comparison: ComparisonOperator, expected: [Bool]) {
        #expect([0.0, 1.0, 2.0].map { comparison.isBreaching($0, 1) } == expected)
    }

    @Test func `tells its reason in the words of the service`() {
        let start = Timestamp(seconds: 1_772_100_840)  // 26/02/26 10:14:00
        func reason(_ alarm: MetricAlarm, _ values: [Double?]) -> String {
            let points = values.enumerated().map { i, value in
                value.map {
                    Datapoint(start: start.advanced(bySeconds: Int64((i - values.count + 1) * 300)), value: $0)
                }
            }
            return alarm.evaluate(PeriodWindow(points), current: .insufficientData).reason
        }
        var alarm = MetricAlarm(name: "a", threshold: 21, comparisonOperator: .greaterThanThreshold)
        #expect(
            reason(alarm, [nil, nil, 21.5])
                == "Threshold Crossed: 1 datapoint [21.5 (26/02/26 10:14:00)] was greater than the threshold (21.0).")
        alarm = MetricAlarm(name: "a")
        #expect(
            reason(alarm, [nil, nil, 0])
                == "Threshold Crossed: 1 datapoint [0.0 (26/02/26 10:14:00)] was not greater than or equal to the threshold (1.0)."
        )
        #expect(reason(alarm, [nil, nil, nil]) == "Insufficient Data: 1 datapoint was unknown.")
        alarm.treatMissingData = .notBreaching
        #expect(
            reason(alarm, [nil, nil, nil])
                == "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."
        )
        alarm = MetricAlarm(
            name: "a", evaluationPeriods: 2, threshold: 30, comparisonOperator: .greaterThanThreshold,
            treatMissingData: .breaching)
        #expect(
            reason(alarm, [nil, nil, nil, nil])
                == "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
        )
        alarm.treatMissingData = .missing
        #expect(
            reason(alarm, [nil, nil, 33.8, 32.6])
                == "Threshold Crossed: 2 out of the last 2 datapoints [32.6 (26/02/26 10:14:00), 33.8 (26/02/26 10:09:00)] were greater than "
                + "the threshold (30.0) (minimum 2 datapoints for OK -> ALARM transition).")
    }
}

@Suite struct `An alarm replayed` {
    private func series(_ minutes: [Int64]) -> MinuteSeries {
        minutes.reduce(into: MinuteSeries()) { $0.add(PeriodAggregate(value: 1), minute: $1) }
    }

    @Test func `goes on in the minute after an event and off when its window is empty`() {
        let alarm = MetricAlarm(name: "a", treatMissingData: .notBreaching)
        let episodes = alarm.replay(series([100]))
        #expect(episodes.map(\.start) == [Timestamp(seconds: 101 * 60)])
        // Three periods of five minutes are looked at, so the event is seen until they have passed it.
        #expect(episodes.map(\.end) == [Timestamp(seconds: 116 * 60)])
    }

    @Test func `stays on while events follow each other and rings again after a pause`() {
        let alarm = MetricAlarm(name: "a", treatMissingData: .notBreaching)
        let episodes = alarm.replay(series([0, 10, 20, 500_000]))
        #expect(episodes.count == 2)
        #expect(episodes[0].end == Timestamp(seconds: 36 * 60) && episodes[1].start == Timestamp(seconds: 500_001 * 60))
    }

    @Test(arguments: [(60, 1, 1), (120, 3, 2), (300, 1, 1), (600, 2, 2)])
    func `agrees with an evaluation at every single minute`(period: Int, periods: Int, datapoints: Int) {
        var generator = SeededGenerator(seed: UInt64(period))
        for _ in 0..<20 {
            var minutes: [Int64] = []
            var minute: Int64 = 0
            for _ in 0..<12 {
                let pause: Int64 = [2, 40, 90].randomElement(using: &generator) ?? 9
                minute += Int64.random(in: 0...pause, using: &generator)
                minutes.append(minute)
            }
            let metric = series(minutes)
            for treatment in TreatMissingData.allCases {
                let alarm = MetricAlarm(
                    name: "a", statistic: period == 60 ? .percentile(50) : .sum, period: period,
                    evaluationPeriods: periods, datapointsToAlarm: datapoints, threshold: period == 60 ? 1 : 2,
                    treatMissingData: treatment)
                var current = AlarmState.insufficientData
                var plain: [(start: Timestamp, end: Timestamp?, reason: String)] = []
                for minute in (minutes.first ?? 0)...minute + 70 {
                    let instant = Timestamp(seconds: minute * 60)
                    let verdict = alarm.evaluate(PeriodWindow(of: metric, for: alarm, at: instant), current: current)
                    if verdict.state == .alarm, current != .alarm {
                        plain.append((instant, nil, verdict.reason))
                    } else if verdict.state != .alarm, current == .alarm {
                        plain[plain.count - 1].end = instant
                    }
                    current = verdict.state
                }
                let replayed = alarm.replay(metric)
                #expect(replayed.map(\.start) == plain.map(\.start) && replayed.map(\.end) == plain.map(\.end))
                #expect(replayed.map(\.reason) == plain.map(\.reason))
            }
        }
    }
}
