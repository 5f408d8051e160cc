public import AWSCore
public import FilterPattern

/// An agreed exception: events that a control requires and that nobody wants to be told of, such as those of an automation
/// that is known. It ends by itself.
public struct ControlException: Sendable {
    public let name: String
    /// The id of the control; other controls that require the same events are told of them.
    public let control: String
    public let pattern: FilterPattern
    /// Why it was agreed.
    public let reason: String
    /// Events from this time on ring again.
    public let expires: Timestamp

    /// Why an exception is none, in words for its writer.
    public struct FormatError: Error, CustomStringConvertible, Sendable {
        public var description: String
    }

    /// - Parameters:
    ///   - name: the control and a number if nil.
    ///   - number: its place among the exceptions.
    public init(
        name: String?, number: Int, control: String?, pattern: String?, reason: String?, expires: String?
    ) throws(FormatError) {
        let label = name ?? control.map { "\($0)-\(number)" } ?? "exception \(number)"
        func required(_ value: String?, _ member: String) throws(FormatError) -> String {
            guard let value, !value.isEmpty else {
                throw FormatError(description: "\(label) has no \(member)")
            }
            return value
        }
        self.name = label
        let id = try required(control, "control")
        guard let known = Catalogue.control(id, in: .newest), known.subject == .events else {
            throw FormatError(description: "\(label): there is no control `\(id)` that watches events")
        }
        self.control = known.id
        let text = try required(pattern, "pattern")
        do throws(FilterPatternError) {
            self.pattern = try FilterPattern(text)
        } catch {
            throw FormatError(description: "\(label): its pattern is illegal: \(error)")
        }
        self.reason = try required(reason, "reason")
        let end = try required(expires, "expiry")
        guard let time = Timestamp(end) else {
            throw FormatError(description: "\(label): `\(end)` is no time: write 2027-01-31 or 2027-01-31T12:00:00Z")
        }
        self.expires = time
    }
}
