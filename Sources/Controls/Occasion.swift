public import FilterPattern

/// One of several things that a control is about: a call by its name, or a code that it is refused with.
public struct Occasion: Sendable {
    public let name: String
    /// The events it stands for.
    public let pattern: FilterPattern

    init(_ name: String, field: String) {
        self.name = name
        pattern = .json(.leaf(Condition(Selector(field), .equals(.text(TextLiteral(name))))))
    }
}

extension Control {
    /// The codes by which refusals are told apart: those that services give, and others that the wildcards of the
    /// requirement take in.
    private static let refusals = [
        "AccessDenied", "AccessDeniedException", "AccessDenied.OtherSuffix", "UnauthorizedOperation",
        "Client.UnauthorizedOperation", "OtherPrefix.UnauthorizedOperation",
    ]

    /// What the control is about one by one; empty when that is a single thing.
    public func occasions(in version: BenchmarkVersion) -> [Occasion] {
        guard case .json(let formula)? = try? FilterPattern(requirement(in: version)) else { return [] }
        if formula.leaves.contains(where: { $0.selector == Selector("errorCode") }) {
            return Self.refusals.map { Occasion($0, field: "errorCode") }
        }
        let names = formula.leaves.compactMap { condition -> String? in
            guard condition.selector == Selector("eventName"), case .equals(.text(let text)) = condition.test,
                case .exact(let name) = text.shape
            else { return nil }
            return name
        }
        return names.count > 1 ? names.map { Occasion($0, field: "eventName") } : []
    }
}
