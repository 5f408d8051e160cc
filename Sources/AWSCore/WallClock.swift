/// Where the time of day comes from, so that a month of alarms can pass in a test.
public protocol WallClock: Sendable {
    var now: Timestamp { get }
}
