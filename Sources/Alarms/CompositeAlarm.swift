public import AWSCore

/// An alarm on other alarms, as it was put, and what has become of it.
public struct CompositeAlarm: Codable, Sendable {
    public var name: String
    public var alarmDescription: String?
    public var rule: String
    public var actionsEnabled = true
    public var okActions: [String] = []
    public var alarmActions: [String] = []
    public var insufficientDataActions: [String] = []
    public var tags: [String: String] = [:]
    public var configurationUpdated: Timestamp

    public var state = AlarmState.insufficientData
    public var stateReason = "Unchecked: Initial alarm creation"
    /// A JSON text.
    public var stateReasonData: String?
    public var stateUpdated: Timestamp
    public var stateTransitioned: Timestamp

    public init(name: String, rule: String, at now: Timestamp) {
        self.name = name
        self.rule = rule
        configurationUpdated = now
        stateUpdated = now
        stateTransitioned = now
    }

    /// What is done when the alarm comes into `state`.
    public func actions(for state: AlarmState) -> [String] {
        switch state {
        case .ok: okActions
        case .alarm: alarmActions
        case .insufficientData: insufficientDataActions
        }
    }
}
