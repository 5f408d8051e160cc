internal import AWSCore
internal import Foundation
internal import Synchronization

/// Takes events from somewhere until it is told to stop.
public protocol EventSource: Sendable {
    var source: LogSource { get }
    /// How it is getting on.
    var present: SourceStatus { get }
    func start()
    func stop()
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

    func stop() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
        ended.wait()
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Waits so many seconds, or until it is to stop.
    func wait(_ seconds: Double) {
        if wakeup.wait(timeout: .now() + seconds) == .success { wakeup.signal() }
    }
}
