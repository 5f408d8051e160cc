public import AWSCore
internal import WireValues

/// A line of the server's log.
public struct LogEntry: Sendable {
    public enum Level: String, Sendable {
        case info, warning, error
    }

    public var time: Timestamp
    public var level: Level
    /// For people; the particulars are in `fields`.
    public var message: String
    /// Names and values, such as `requestId`.
    public var fields: [(name: String, value: String)]

    /// One line for people.
    public var text: String {
        let words = fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        return words.isEmpty ? message : "\(message) (\(words))"
    }

    /// One JSON object, for programs.
    public var json: String {
        let head: [WireMember] = [
            WireMember("time", .string(time.description)), WireMember("level", .string(level.rawValue)),
            WireMember("message", .string(message)),
        ]
        return JSONWire.text(.structure(head + fields.map { WireMember($0.name, .string($0.value)) }))
    }
}

/// Where log entries go, and the clock that stamps them.
struct Log: Sendable {
    let clock: any WallClock
    let write: @Sendable (LogEntry) -> Void

    func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { add(.info, message, fields) }
    func warn(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { add(.warning, message, fields) }
    func fail(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) { add(.error, message, fields) }

    private func add(_ level: LogEntry.Level, _ message: String, _ fields: KeyValuePairs<String, String>) {
        write(
            LogEntry(
                time: clock.now, level: level, message: message, fields: fields.map { (name: $0.key, value: $0.value) })
        )
    }
}
