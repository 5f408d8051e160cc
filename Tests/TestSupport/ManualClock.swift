public import AWSCore
internal import Foundation

/// A clock that stands still until it is told to go on.
public final class ManualClock: WallClock, @unchecked Sendable {
    private let lock = NSLock()
    private var time: Timestamp

    public init(_ time: Timestamp) { self.time = time }

    public var now: Timestamp { lock.withLock { time } }
    public func advance(bySeconds seconds: Int64) { lock.withLock { time = time.advanced(bySeconds: seconds) } }
}
