internal import AWSCore
internal import Delivery
internal import Foundation
internal import Notifications
internal import Pipeline
internal import Store

/// What runs by itself: the judging of alarms at each full minute, and the couriers.
final class Loops: @unchecked Sendable {
    private static let courierCount = 4

    private let pipeline: Pipeline
    private let courier: Courier
    private let log: Log
    private let everyMinute: @Sendable () -> Void
    private let condition = NSCondition()
    // Invariant: what follows is touched only with the condition locked.
    private var isStopping = false
    private var running = 0
    private var mayHaveDeliveries = true
    private var mayHaveDeadlines = true

    init(_ pipeline: Pipeline, _ courier: Courier, _ log: Log, everyMinute: @escaping @Sendable () -> Void) {
        self.everyMinute = everyMinute
        self.pipeline = pipeline
        self.courier = courier
        self.log = log
    }

    func start() {
        pipeline.onWork { [self] in
            condition.withLock {
                mayHaveDeliveries = true
                mayHaveDeadlines = true
                condition.broadcast()
            }
        }
        run("alarms") { [self] in alarmLoop() }
        for number in 1...Self.courierCount { run("courier \(number)") { [self] in courierLoop() } }
    }

    private func run(_ name: String, _ body: @escaping @Sendable () -> Void) {
        condition.withLock { running += 1 }
        let thread = Thread { [self] in
            body()
            condition.withLock {
                running -= 1
                condition.broadcast()
            }
        }
        thread.name = name
        thread.start()
    }

    func stop() {
        condition.lock()
        isStopping = true
        condition.broadcast()
        while running > 0 { condition.wait() }
        condition.unlock()
    }

    /// Waits until the clock shows `instant`, or something may have happened. False when all ends.
    private func wait(until instant: Timestamp, unless happened: () -> Bool) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isStopping, !happened() {
            let rest = Double(instant.milliseconds - pipeline.clock.now.milliseconds) / 1000
            if rest <= 0 { break }
            _ = condition.wait(until: Date(timeIntervalSinceNow: min(rest, 60)))
        }
        return !isStopping
    }

    private func alarmLoop() {
        var minute = pipeline.clock.now.minute - 1
        while true {
            condition.withLock { mayHaveDeadlines = false }
            var next: Timestamp?
            do throws(StoreError) {
                if pipeline.clock.now.minute > minute {
                    minute = pipeline.clock.now.minute
                    everyMinute()
                    try pipeline.tick()
                    if minute % 60 == 0 { try pipeline.expire() }
                }
                next = try pipeline.perform { state, now in
                    state.endPeriods(at: now)
                    return state.nextPeriodEnd()
                }
            } catch {
                log.fail("the turn of the minute failed: \(error)")
            }
            let turn = Timestamp(seconds: (minute + 1) * 60)
            guard wait(until: min(turn, next ?? turn), unless: { mayHaveDeadlines }) else { return }
        }
    }

    private func courierLoop() {
        while true {
            condition.withLock { mayHaveDeliveries = false }
            var next: Timestamp?
            var claimed: [(scope: Scope, delivery: Delivery)] = []
            do throws(StoreError) {
                (claimed, next) = try pipeline.perform { state, now in
                    (state.claimDeliveries(limit: 8, at: now), state.nextDelivery())
                }
            } catch {
                log.fail("deliveries could not be read: \(error)")
            }
            for (scope, delivery) in claimed { deliver(delivery, scope) }
            if !claimed.isEmpty { continue }
            let wake = next ?? pipeline.clock.now.advanced(bySeconds: 60)
            guard wait(until: wake, unless: { mayHaveDeliveries }) else { return }
        }
    }

    private func deliver(_ delivery: Delivery, _ scope: Scope) {
        let outcome = courier.deliver(delivery)
        do throws(StoreError) {
            try pipeline.perform { state, now in state.finish(delivery, in: scope, outcome, at: now) }
        } catch {
            // It is still in the store and will be delivered once more.
            log.fail("the outcome of a delivery could not be stored: \(error)", ["messageId": delivery.messageID])
        }
        switch outcome {
        case .delivered: break
        case .failed(let reason):
            log.warn(
                "delivery to \(delivery.shownEndpoint) failed: \(reason)",
                ["messageId": delivery.messageID, "attempt": String(delivery.failures + 1)])
        case .refused(let reason):
            log.fail("delivery to \(delivery.shownEndpoint) given up: \(reason)", ["messageId": delivery.messageID])
        }
    }
}
