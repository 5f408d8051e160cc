public import AWSCore
internal import Foundation
public import LogGroups
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
        /// Whether alarms ring for events that come in long after they happened.
        public var ringsForPast = false
        /// Matches that do not count.
        public var exceptions = ExceptionRules.none

        public init() {}

        /// Events from this time on may ring an alarm, and are told of when they do.
        public func evidenceStart(at now: Timestamp) -> Timestamp {
            ringsForPast ? Timestamp(milliseconds: .min) : now.advanced(bySeconds: -86_400)
        }
    }

    public let clock: any WallClock
    public let store: Store
    private let lock = NSLock()
    // Invariant: what follows is touched only under the lock.
    private var state: PipelineState
    /// Why the state can't be trusted any more, until it has been read anew.
    private var staleness: StoreError?
    /// That of the batch which takes changes now.
    private var open = Commit()
    private var workSignal: (@Sendable () -> Void)?
    private var stateChangeHandler: (@Sendable (StateChange) -> Void)?
    private var failureHandler: (@Sendable (StoreError) -> Void)?

    public let settings: Settings
    /// Held while a batch is on its way to the store.
    private let committing = NSLock()
    private let work = DispatchSemaphore(value: 0)
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    public init(_ store: Store, clock: any WallClock, settings: Settings = Settings()) throws(StoreError) {
        self.store = store
        self.clock = clock
        self.settings = settings
        state = try PipelineState(store, settings)
        let thread = Thread { [self] in commitLoop() }
        thread.name = "commit"
        thread.start()
    }

    /// Calls `signal` whenever a delivery may have become due, or an instant was set at which there is something to do.
    public func onWork(_ signal: @escaping @Sendable () -> Void) {
        lock.withLock { workSignal = signal }
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
        let (result, commit): (Swift.Result<Result, Failure>, Commit?)
        do throws(StoreError) { (result, commit) = try change(body) } catch { throw lost(error) }
        // Outside the lock, so that those who come meanwhile join the batch after.
        if let failure = commit?.wait() { throw lost(failure) }
        return try result.get()
    }

    private func change<Result, Failure: Error>(
        _ body: (PipelineState, Timestamp) throws(Failure) -> Result
    ) throws(StoreError) -> (Swift.Result<Result, Failure>, Commit?) {
        try lockSound()
        defer { lock.unlock() }
        let now = clock.now
        let written = state.batch.changes
        // What is due comes before what happens now.
        state.endPeriods(at: now)
        let result: Swift.Result<Result, Failure>
        do throws(Failure) { result = .success(try body(state, now)) } catch { result = .failure(error) }
        state.settle(at: now)
        if let failure = state.failure {
            distrust(failure)
            throw failure
        }
        if state.hasNewDeliveries || state.hasNewDeadlines {
            (state.hasNewDeliveries, state.hasNewDeadlines) = (false, false)
            workSignal?()
        }
        for change in state.changes { stateChangeHandler?(change) }
        state.changes.removeAll()
        guard state.batch.changes != written else { return (result, nil) }
        if written == 0 { work.signal() }
        return (result, open)
    }

    /// Takes the lock, with a state that can be trusted.
    private func lockSound() throws(StoreError) {
        lock.lock()
        while staleness != nil {
            // A batch that is on its way must arrive before the store is read.
            lock.unlock()
            committing.lock()
            lock.lock()
            defer { committing.unlock() }
            guard staleness != nil else { return }
            do throws(StoreError) {
                try reload()
            } catch {
                lock.unlock()
                throw error
            }
        }
    }

    /// The same for a body that does not fail.
    public func perform<Result>(_ body: (PipelineState, Timestamp) -> Result) throws(StoreError) -> Result {
        try perform(lost: { $0 }) { (state, now) throws(StoreError) in body(state, now) }
    }

    /// So many alarms are judged before others have their turn.
    private static let alarmsAtOnce = 1000

    /// Does what a new minute brings with it: judges the alarms, and drops what has expired. To be called once a
    /// minute.
    public func tick() throws(StoreError) {
        try perform { state, now in state.beginMinute(at: now) }
        while try perform({ state, now in state.judgeAlarms(limit: Self.alarmsAtOnce, at: now) }) {}
    }

    /// Lets every change be committed, and ends.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        work.signal()
        ended.wait()
    }

    /// Forgets everything; for test suites.
    public func reset() throws(StoreError) {
        // What is on its way to the store arrives there before all is deleted, and not after.
        committing.lock()
        lock.lock()
        defer {
            lock.unlock()
            committing.unlock()
        }
        try store.reset()
        try reload()
    }

    /// Runs `body` while everything that has been changed is on disk, or in the batch that is open.
    func whileNothingIsCommitted(_ body: (PipelineState, Timestamp) -> Void) {
        committing.lock()
        lock.lock()
        if staleness == nil { body(state, clock.now) }
        lock.unlock()
        committing.unlock()
    }

    private func commitLoop() {
        while true {
            work.wait()
            committing.lock()
            let (batch, commit) = lock.withLock {
                // Rows of a state that is not trusted belong to what was lost.
                if staleness == nil { state.logStreams.write() }
                let taken = (state.batch, open)
                state.batch = Batch()
                open = Commit()
                return taken
            }
            var failure: StoreError?
            do throws(StoreError) {
                if !batch.isEmpty { try store.commit(batch) }
            } catch {
                failure = error
                lock.withLock { distrust(error) }
            }
            committing.unlock()
            commit.settle(failure)
            if batch.isEmpty, isStopping.load(ordering: .acquiring) { break }
        }
        ended.signal()
    }

    /// What the store could not take, or not give, is not true, nor what was built on it since: everybody who has put
    /// something into the batch is told so, and nobody uses the state before it has been read anew.
    private func distrust(_ failure: StoreError) {
        staleness = failure
        state.batch = Batch()
        open.settle(failure)
        open = Commit()
        failureHandler?(failure)
    }

    private func reload() throws(StoreError) {
        state = try PipelineState(store, settings)
        staleness = nil
    }
}

/// The commit of one batch, for which those wait who have put something into it.
private final class Commit: @unchecked Sendable {
    /// Left when all is settled: that wakes everybody at once, and nobody takes turns at a lock for it.
    private let open = DispatchGroup()
    // Invariant: written once, before the group is left.
    private var failure: StoreError?

    private var isSettled = false

    init() { open.enter() }
    // A group may not go while somebody could still be expected to leave it.
    deinit { if !isSettled { open.leave() } }

    /// Returns when the batch is on disk, or why it is not.
    func wait() -> StoreError? {
        open.wait()
        return failure
    }

    func settle(_ failure: StoreError?) {
        self.failure = failure
        isSettled = true
        open.leave()
    }
}
