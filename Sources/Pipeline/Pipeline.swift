public import AWSCore
internal import Foundation
public import Store

/// The monitoring pipeline: log events in, metrics, alarms and notifications out, nothing lost.
///
/// One lock guards the state; operations run under it one after the other, on values in memory. What they change is
/// committed by one thread, everything of all callers that came in meanwhile in one transaction; a caller is answered
/// when its own part is on disk.
public final class Pipeline: @unchecked Sendable {
    public struct Settings: Sendable {
        /// The signature of topics that name none: `1` or `2`.
        public var signatureVersion = "2"

        public init() {}
    }

    public let clock: any WallClock
    public let store: Store
    // Invariant: what follows is touched only with the condition locked.
    private let condition = NSCondition()
    private let state: PipelineState
    /// The number of the batch that takes changes now, and that of the last one that is settled.
    private var open = 1
    private var settled = 0
    private var failures: [Int: StoreError] = [:]
    private var isStopping = false
    private var isStopped = false
    private var deliverySignal: (@Sendable () -> Void)?

    public init(_ store: Store, clock: any WallClock, settings: Settings = Settings()) throws(StoreError) {
        self.store = store
        self.clock = clock
        state = try PipelineState(store, settings)
        let thread = Thread { [self] in commitLoop() }
        thread.name = "commit"
        thread.start()
    }

    /// Calls `signal` whenever a delivery may have become due.
    public func onDelivery(_ signal: @escaping @Sendable () -> Void) {
        condition.withLock { deliverySignal = signal }
    }

    /// Runs `body` on the state, and returns when all that it changed is on disk.
    ///
    /// - Parameter lost: what to throw when the store failed and the changes are gone.
    public func perform<Result, Failure: Error>(
        lost: (StoreError) -> Failure, _ body: (PipelineState, Timestamp) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        condition.lock()
        defer { condition.unlock() }
        let now = clock.now
        let result: Swift.Result<Result, Failure>
        do throws(Failure) { result = .success(try body(state, now)) } catch { result = .failure(error) }
        state.settle(at: now)
        if !state.batch.isEmpty {
            if state.hasNewDeliveries {
                state.hasNewDeliveries = false
                deliverySignal?()
            }
            let ticket = open
            condition.broadcast()
            while settled < ticket { condition.wait() }
            if let failure = failures[ticket] { throw lost(failure) }
        }
        return try result.get()
    }

    /// The same for a body that does not fail.
    public func perform<Result>(_ body: (PipelineState, Timestamp) -> Result) throws(StoreError) -> Result {
        try perform(lost: { $0 }) { (state, now) throws(StoreError) in body(state, now) }
    }

    /// Lets every change be committed, and ends.
    public func stop() {
        condition.lock()
        isStopping = true
        condition.broadcast()
        while !isStopped { condition.wait() }
        condition.unlock()
    }

    /// Forgets everything; for test suites.
    public func reset() throws(StoreError) {
        condition.lock()
        defer { condition.unlock() }
        while settled < open - 1 || !state.batch.isEmpty { condition.wait() }
        try store.reset()
        try state.load()
    }

    private func commitLoop() {
        condition.lock()
        while true {
            while state.batch.isEmpty {
                if isStopping {
                    isStopped = true
                    condition.broadcast()
                    condition.unlock()
                    return
                }
                condition.wait()
            }
            let batch = state.batch
            state.batch = Batch()
            let number = open
            open += 1
            condition.unlock()
            var failure: StoreError?
            do throws(StoreError) { try store.commit(batch) } catch { failure = error }
            condition.lock()
            if let failure { forget(failure, from: number) }
            settled = failure == nil ? number : open - 1
            condition.broadcast()
        }
    }

    /// Nothing of a batch that could not be committed is true, nor what was built on it since.
    private func forget(_ failure: StoreError, from number: Int) {
        failures = [:]
        for lost in number...open { failures[lost] = failure }
        open += 1
        // A store that can't even be read leaves the state as it was; the next commit will fail as well.
        try? state.load()
    }
}
