public import AWSCore
internal import Foundation
public import Store
internal import Synchronization

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
    private let lock = NSLock()
    // Invariant: what follows is touched only under the lock.
    private let state: PipelineState
    /// That of the batch which takes changes now.
    private var open = Commit()
    private var deliverySignal: (@Sendable () -> Void)?
    private var stateChangeHandler: (@Sendable (StateChange) -> Void)?
    private var failureHandler: (@Sendable (StoreError) -> Void)?

    private let work = DispatchSemaphore(value: 0)
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

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
        lock.withLock { deliverySignal = signal }
    }

    /// Calls `handler` with each change of an alarm's state.
    public func onStateChange(_ handler: @escaping @Sendable (StateChange) -> Void) {
        lock.withLock { stateChangeHandler = handler }
    }

    /// Calls `handler` when a commit has failed, and what it held is forgotten.
    public func onFailure(_ handler: @escaping @Sendable (StoreError) -> Void) {
        lock.withLock { failureHandler = handler }
    }

    /// Runs `body` on the state, and returns when all that it changed is on disk.
    ///
    /// - Parameter lost: what to throw when the store failed and the changes are gone.
    public func perform<Result, Failure: Error>(
        lost: (StoreError) -> Failure, _ body: (PipelineState, Timestamp) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (result, commit) = change(body)
        // Outside the lock, so that those who come meanwhile join the batch after.
        if let failure = commit?.wait() { throw lost(failure) }
        return try result.get()
    }

    private func change<Result, Failure: Error>(
        _ body: (PipelineState, Timestamp) throws(Failure) -> Result
    ) -> (Swift.Result<Result, Failure>, Commit?) {
        lock.lock()
        defer { lock.unlock() }
        let now = clock.now
        let written = state.batch.changes
        let result: Swift.Result<Result, Failure>
        do throws(Failure) { result = .success(try body(state, now)) } catch { result = .failure(error) }
        state.settle(at: now)
        if state.hasNewDeliveries {
            state.hasNewDeliveries = false
            deliverySignal?()
        }
        for change in state.changes { stateChangeHandler?(change) }
        state.changes.removeAll()
        guard state.batch.changes != written else { return (result, nil) }
        if written == 0 { work.signal() }
        return (result, open)
    }

    /// The same for a body that does not fail.
    public func perform<Result>(_ body: (PipelineState, Timestamp) -> Result) throws(StoreError) -> Result {
        try perform(lost: { $0 }) { (state, now) throws(StoreError) in body(state, now) }
    }

    /// Lets every change be committed, and ends.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        work.signal()
        ended.wait()
    }

    /// Forgets everything; for test suites.
    public func reset() throws(StoreError) {
        lock.lock()
        defer { lock.unlock() }
        // What is being committed now is forgotten as well: the store lets one writer in after the other.
        state.batch = Batch()
        try store.reset()
        try state.load()
    }

    private func commitLoop() {
        while true {
            work.wait()
            let (batch, commit) = lock.withLock {
                let taken = (state.batch, open)
                state.batch = Batch()
                open = Commit()
                return taken
            }
            if batch.isEmpty {
                commit.settle(nil)
                if isStopping.load(ordering: .acquiring) { break }
                continue
            }
            do throws(StoreError) {
                try store.commit(batch)
                commit.settle(nil)
            } catch {
                forget(error, commit)
            }
        }
        ended.signal()
    }

    /// Nothing of a batch that could not be committed is true, nor what was built on it since.
    private func forget(_ failure: StoreError, _ commit: Commit) {
        let later = lock.withLock {
            let later = open
            open = Commit()
            // A store that can't even be read leaves the state as it was; the next commit will fail as well.
            try? state.load()
            failureHandler?(failure)
            return later
        }
        commit.settle(failure)
        later.settle(failure)
    }
}

/// The commit of one batch, for which those wait who have put something into it.
private final class Commit: @unchecked Sendable {
    private let condition = NSCondition()
    private var isSettled = false
    private var failure: StoreError?

    /// Returns when the batch is on disk, or why it is not.
    func wait() -> StoreError? {
        condition.withLock {
            while !isSettled { condition.wait() }
            return failure
        }
    }

    func settle(_ failure: StoreError?) {
        condition.withLock {
            isSettled = true
            self.failure = failure
            condition.broadcast()
        }
    }
}
