/// The words of the events that patterns are written for: what a broken name may have been, and what always exists.
public struct Vocabulary: Sendable {
    /// Names of members, at any depth.
    public var fields: Set<String>
    /// Selectors that find a value in every event.
    public var alwaysPresent: Set<Selector>
    /// The names of the calls of a service, by its `eventSource`.
    public var eventNames: [String: Set<String>]

    public init(fields: Set<String>, alwaysPresent: Set<Selector>, eventNames: [String: Set<String>]) {
        self.fields = fields
        self.alwaysPresent = alwaysPresent
        self.eventNames = eventNames
    }

    public static let none = Vocabulary(fields: [], alwaysPresent: [], eventNames: [:])

    func knowsEventName(_ name: String) -> Bool {
        eventNames.values.contains { $0.contains(name) }
    }
}
