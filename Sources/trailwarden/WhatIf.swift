import AWSCore
import Alarms
import Controls
import FilterPattern
import Metrics
import Scan

/// How often alarms would have rung on past logs, had they been set otherwise, and whose exception would quiet them.
struct WhatIf {
    let report: ScanReport
    let filters: [ScannedFilter]
    let settings: [Setting]

    /// A threshold with its period and the periods that must breach.
    struct Setting: Equatable {
        var threshold: Double
        var period: Int
        var datapoints: Int
        var periods: Int

        /// Reads `THRESHOLD,PERIOD[,M/N]`, as in `10,300,2/3`.
        init(_ text: String) throws(UsageError) {
            let fault = UsageError(
                "`\(text)` is no setting of an alarm", advice: "write threshold,period,M/N, as in 10,300,2/3")
            let parts = text.split(separator: ",").map(String.init)
            guard (2...3).contains(parts.count), let threshold = Double(parts[0]), threshold.isFinite,
                let period = Int(parts[1]), period >= 60, period % 60 == 0, period <= 86_400
            else { throw fault }
            let counts = (parts.count == 3 ? parts[2] : "1/1").split(separator: "/").compactMap { Int($0) }
            guard counts.count == 2, counts[0] >= 1, counts[0] <= counts[1], counts[1] * period <= 7 * 86_400 else {
                throw fault
            }
            (self.threshold, self.period) = (threshold, period)
            (datapoints, periods) = (counts[0], counts[1])
        }

        func alarm(_ name: String) -> MetricAlarm {
            MetricAlarm(
                name: name, statistic: .sum, period: period, evaluationPeriods: periods, datapointsToAlarm: datapoints,
                threshold: threshold, treatMissingData: .notBreaching)
        }

        var words: String {
            "\(threshold.rounded(to: threshold == threshold.rounded() ? 0 : 1)) or more in \(period) s, \(datapoints) of "
                + "\(periods)"
        }
    }

    /// What an exception would do under the first setting.
    private struct Exception {
        var caller: FilterTally.Caller
        var hides: Int
        var rings: Int
    }

    /// Exceptions are tried for so many callers, and so many are proposed.
    private static let tried = 8
    private static let proposed = 3
    /// Fewer rings are no noise.
    private static let noise = 3

    private func rings(_ setting: Setting, _ series: MinuteSeries) -> Int { setting.alarm("").replay(series).count }

    /// So many callers are named for each setting.
    private static let named = 3

    /// How often it would have rung, and for how many of those times each caller had a part in it, the most first.
    private func outcome(
        _ setting: Setting, _ tally: FilterTally
    ) -> (rings: Int, callers: [(name: String, rings: Int)]) {
        let alarm = setting.alarm("")
        let episodes = alarm.replay(tally.series)
        // What the alarm looked at when it began to ring.
        let range = Int64(alarm.evaluationRange * alarm.period / 60)
        let starts = episodes.map(\.start.minute)
        var callers: [(name: String, rings: Int)] = []
        for (caller, minutes) in tally.callers {
            var seen: Set<Int> = []
            for minute in minutes.keys {
                // Those that began behind this minute, as far as they looked back.
                var place = starts.startIndex
                var rest = starts.count
                while rest > 0 {
                    let half = rest / 2
                    if starts[place + half] <= minute {
                        place += half + 1
                        rest -= half + 1
                    } else {
                        rest = half
                    }
                }
                while place < starts.count, minute >= starts[place] - range {
                    seen.insert(place)
                    place += 1
                }
            }
            if !seen.isEmpty { callers.append((Actor.label(caller.value), seen.count)) }
        }
        callers.sort { ($0.rings, $1.name) > ($1.rings, $0.name) }
        return (episodes.count, callers)
    }

    /// The exceptions that quiet most, each on top of those before.
    private func exceptions(_ tally: FilterTally) -> [Exception] {
        guard let setting = settings.first else { return [] }
        var left = tally.callers.sorted {
            ($0.value.values.reduce(0, +), $0.key.value) > ($1.value.values.reduce(0, +), $1.key.value)
        }.prefix(Self.tried).map { $0 }
        var gone: [Int64: Int] = [:]
        var present = rings(setting, tally.series)
        var found: [Exception] = []
        while found.count < Self.proposed, present >= Self.noise {
            let candidates = left.map { caller, minutes -> (Exception, [Int64: Int]) in
                let without = gone.merging(minutes, uniquingKeysWith: +)
                let exception = Exception(
                    caller: caller, hides: minutes.values.reduce(0, +),
                    rings: rings(setting, Self.series(tally, without)))
                return (exception, without)
            }
            // The most quiet for the fewest events hidden; little is no reason for an exception, and what leaves nothing
            // does not tell noise from the rest.
            let useful = candidates.filter { $0.0.rings > 0 }
            guard let best = useful.min(by: { ($0.0.rings, $0.0.hides) < ($1.0.rings, $1.0.hides) }),
                best.0.rings * 10 <= present * 9
            else { break }
            found.append(best.0)
            (present, gone) = (best.0.rings, best.1)
            left.removeAll { $0.key == best.0.caller }
        }
        return found
    }

    private static func series(_ tally: FilterTally, _ without: [Int64: Int]) -> MinuteSeries {
        var series = MinuteSeries()
        for minute in tally.series.filledMinutes {
            let count = (tally.series.aggregate(minute: minute)?.sampleCount ?? 0) - Double(without[minute] ?? 0)
            if count > 0 { series.add(PeriodAggregate(value: 1, count: count), minute: minute) }
        }
        return series
    }

    /// The pattern with the exceptions of these callers; absent fields are let through.
    private func pattern(_ filter: ScannedFilter, _ exceptions: [Exception]) -> String? {
        guard case .json(let formula) = filter.pattern else { return nil }
        let parts = exceptions.map { exception -> Formula<Condition> in
            .any([
                .leaf(Condition(exception.caller.selector, .notExists)),
                .leaf(Condition(exception.caller.selector, .notEquals(.text(TextLiteral(exception.caller.value))))),
            ])
        }
        return FilterPattern.json(.all([formula] + parts)).description
    }

    // MARK: Output

    private var rows: [Int] { filters.indices.filter { report.tallies[$0].matches > 0 } }

    private var days: Double {
        guard let first = report.first, let last = report.last else { return 1 }
        return max(1, last.seconds(since: first) / 86_400)
    }

    var text: String {
        var lines = [Terminal.bold("What if")]
        if rows.isEmpty { lines.append("Nothing matched, so nothing would have rung.") }
        for row in rows {
            let tally = report.tallies[row]
            lines += ["", "\(filters[row].control?.title ?? filters[row].name): \(tally.matches.grouped) matches"]
            for setting in settings {
                let (count, callers) = outcome(setting, tally)
                let rate = days > 1 ? ", \((Double(count) / days).rounded(to: 1)) a day" : ""
                lines.append("  \(setting.words.padded(to: 34))  rings \(count.grouped) times\(rate)")
                if callers.isEmpty { continue }
                let named = callers.prefix(Self.named).map { "\($0.name.shortened(to: 40)) (\($0.rings.grouped))" }
                let more = callers.count > Self.named ? ", \((callers.count - Self.named).grouped) more" : ""
                lines.append(Terminal.dim("      for \(named.joined(separator: ", "))\(more)"))
            }
            let found = exceptions(tally)
            if found.isEmpty { continue }
            lines.append("  with exceptions, of the first")
            for exception in found {
                lines.append(
                    "    - \(Actor.label(exception.caller.value).shortened(to: 60)): rings \(exception.rings.grouped) times; "
                        + "hides \(exception.hides.grouped) matches")
            }
            if let text = pattern(filters[row], found) { lines.append("      \(Terminal.dim(text))") }
        }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        .array(
            rows.map { row in
                let tally = report.tallies[row]
                let found = exceptions(tally)
                return .object([
                    ("filter", .string(filters[row].name)), ("matches", .int(tally.matches)),
                    (
                        "settings",
                        .array(
                            settings.map { setting in
                                let (count, callers) = outcome(setting, tally)
                                return .object([
                                    ("threshold", .number(setting.threshold)), ("period", .int(setting.period)),
                                    ("datapointsToAlarm", .int(setting.datapoints)),
                                    ("evaluationPeriods", .int(setting.periods)),
                                    ("rings", .int(count)),
                                    (
                                        "callers",
                                        .array(
                                            callers.prefix(20).map {
                                                .object([("name", .string($0.name)), ("rings", .int($0.rings))])
                                            })
                                    ),
                                ])
                            })
                    ),
                    (
                        "exceptions",
                        .array(
                            found.map {
                                .object([
                                    ("selector", .string("\($0.caller.selector)")), ("value", .string($0.caller.value)),
                                    ("rings", .int($0.rings)), ("hides", .int($0.hides)),
                                ])
                            })
                    ), ("pattern", JSON(found.isEmpty ? nil : pattern(filters[row], found))),
                ])
            })
    }
}
