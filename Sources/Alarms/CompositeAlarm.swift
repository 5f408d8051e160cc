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
    public var suppressor: ActionsSuppressor?

    /// Why actions are held back, and until when if that is known.
    public var suppression: Suppression?
    /// The state whose actions were run last, while actions are held back.
    public var announcedState: AlarmState?

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

/// An alarm that holds the actions of a composite alarm back while it is in state ALARM (CloudWatch User Guide,
/// "Suppressing composite alarm actions").
public struct ActionsSuppressor: Codable, Sendable, Equatable {
    /// A name or ARN.
    public var alarm: String
    /// How long the composite alarm waits for the suppressor to go into ALARM, in seconds.
    public var waitPeriod: Int
    /// How long actions are held back after the suppressor has left ALARM, in seconds.
    public var extensionPeriod: Int

    public init(alarm: String, waitPeriod: Int, extensionPeriod: Int) {
        self.alarm = alarm
        self.waitPeriod = waitPeriod
        self.extensionPeriod = extensionPeriod
    }
}

/// That the actions of a composite alarm are held back.
public struct Suppression: Codable, Sendable, Equatable {
    public enum Cause: String, Codable, Sendable {
        case waitPeriod = "WaitPeriod"
        case extensionPeriod = "ExtensionPeriod"
        case alarm = "Alarm"
    }

    public var cause: Cause
    /// When the period ends; nil while the suppressor is in ALARM.
    public var end: Timestamp?

    public init(_ cause: Cause, until end: Timestamp? = nil) {
        self.cause = cause
        self.end = end
    }

    /// As `ActionsSuppressedReason` tells it.
    public var reason: String { "Actions suppressed by \(cause.rawValue)" }
}
