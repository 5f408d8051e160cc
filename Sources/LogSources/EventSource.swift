internal import AWSCore
internal import Foundation
internal import Pipeline
internal import Store
internal import Synchronization

/// Takes events from somewhere until it is told to stop.
public protocol EventSource: Sendable {
    var source: LogSource { get }
    /// How it is getting on.
    var present: SourceStatus { get }
    func start()
    func stop()
}

extension EventSource {
    /// Makes the log group that the events go to, unless it is there.
    func ensureLogGroup(_ pipeline: Pipeline, log: (_ words: String, _ isGrave: Bool) -> Void) {
        do throws(StoreError) {
            try pipeline.perform { [source] state, now in
                state.ensureLogGroup(source.logGroup, in: source.scope, at: now)
            }
        } catch {
            log("\(source.name): \(error.description)", true)
        }
    }
}

/// A loop on a thread of its own, which can be told to stop and waits no longer than it must.
final class SourceThread: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let wakeup = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread { [ended] in
            body()
            ended.signal()
        }
        thread.name = "source"
        thread.start()
    }

    /// - Parameter wake: ends a wait of the body's own.
    func stop(_ wake: () -> Void = {}) {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
        wake()
        ended.wait()
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Waits so many seconds, or until it is to stop.
    func wait(_ seconds: Double) {
        if wakeup.wait(timeout: .now() + seconds) == .success { wakeup.signal() }
    }
}
