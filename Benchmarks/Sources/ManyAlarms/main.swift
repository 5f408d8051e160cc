// Many alarms, each on a metric of its own: evaluations per CPU second while all their metrics receive data, and the
// processor time of a minute in which none does.
//
//   ManyAlarms COUNT     prints one JSON object

import AWSCore
import Alarms
import Foundation
import Metrics
import Pipeline
import Store

/// Seconds of processor time that this process has used.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

final class ManualClock: WallClock, @unchecked Sendable {
    private let lock = NSLock()
    private var time = Timestamp(seconds: 1_772_355_600)
    var now: Timestamp { lock.withLock { time } }
    func advance(bySeconds seconds: Int64) { lock.withLock { time = time.advanced(bySeconds: seconds) } }
}

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 100_000 : 100_000
let clock = ManualClock()
let pipeline = try Pipeline(Store(path: ":memory:"), clock: clock)
let scope = Scope(account: "123456789012", region: "us-east-1")
func metric(_ i: Int) -> Metric { Metric(namespace: "Bench", name: "metric\(i)") }

for first in stride(from: 0, to: count, by: 1000) {
    try pipeline.perform { state, now in
        for i in first..<min(first + 1000, count) {
            let alarm = AlarmConfiguration(
                name: "alarm\(i)", metric: metric(i), statistic: "Sum", period: 60, evaluationPeriods: 3,
                threshold: 1000, comparisonOperator: .greaterThanOrEqualToThreshold, at: now)
            state.put(alarm, in: scope, at: now)
        }
    }
}

/// One value for every metric.
func publish() throws {
    for first in stride(from: 0, to: count, by: 1000) {
        try pipeline.perform { state, now in
            for i in first..<min(first + 1000, count) {
                state.publish(PeriodAggregate(value: 1), to: metric(i), unit: "None", minute: now.minute, in: scope)
            }
        }
    }
}

var busy = 0.0
let minutes = 5
for minute in 0...minutes {
    try publish()
    clock.advance(bySeconds: 60)
    let start = processorTime()
    try pipeline.tick()
    // The first one changes the state of all.
    if minute > 0 { busy += processorTime() - start }
}
// Until the last value has left the evaluation range.
for _ in 0..<10 {
    clock.advance(bySeconds: 60)
    try pipeline.tick()
}
let idle = processorTime()
for _ in 0..<10 {
    clock.advance(bySeconds: 60)
    try pipeline.tick()
}
let idleMinute = (processorTime() - idle) / 10
let states = try pipeline.perform { state, _ in
    state.alarms.all(in: scope).filter { $0.state == .insufficientData }.count
}
print(
    "{\"alarms\": \(count), \"evaluationsPerSecond\": \(Int(Double(count * minutes) / busy)), "
        + "\"idleMinuteSeconds\": \(idleMinute), \"silent\": \(states == count)}")
pipeline.stop()
