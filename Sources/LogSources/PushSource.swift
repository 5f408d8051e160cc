public import AWSCore
internal import CloudTrail
public import Pipeline
internal import Store
internal import Synchronization

/// Takes events that others send, each request once.
public final class PushSource: Sendable {
    public enum Fault: Error, Sendable {
        /// What was sent can't be read, in words for the sender.
        case unreadable(String)
        case noLogGroup(String)
        case store(String)
    }

    private let pipeline: Pipeline
    private let scope: Scope
    /// One at a time, so that of two requests of one name the second finds the first.
    private let turn = Mutex(())

    public init(_ pipeline: Pipeline, in scope: Scope) {
        self.pipeline = pipeline
        self.scope = scope
    }

    /// Stores what was sent, in parts that are each a file of their own, plain or gzip. Acknowledged means on disk.
    ///
    /// - Parameter name: of the request: another of that name is not taken.
    public func take(_ parts: [[UInt8]], named name: String, into logGroup: String) throws(Fault) {
        let outcome: FileTaker.Outcome
        do throws(StoreError) {
            outcome = try turn.withLock { _ throws(StoreError) in try takeNow(parts, name, logGroup) }
        } catch {
            throw error.description == Self.noGroup ? .noLogGroup(logGroup) : .store(error.description)
        }
        if case .unreadable(let fault, _) = outcome { throw .unreadable("\(fault)") }
    }

    private func takeNow(
        _ parts: [[UInt8]], _ name: String, _ logGroup: String
    ) throws(StoreError) -> FileTaker.Outcome {
        let isThere = try pipeline.perform { state, _ in state.intake(of: logGroup, in: self.scope) != nil }
        guard isThere else { throw StoreError(Self.noGroup) }
        return try FileTaker(LogSource(sentTo: logGroup, in: scope), pipeline).take(parts, named: name)
    }

    private static let noGroup = "no log group"
}
