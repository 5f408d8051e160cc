public import FilterPattern
internal import TrailMatcher

/// How two patterns are related, for all events there could be.
public struct PatternComparison: Sendable {
    /// An event that only the first matches, that there is none, or why that can't be said.
    public let onlyFirst: LogicAnswer
    public let onlySecond: LogicAnswer
    /// An event that both match.
    public let both: LogicAnswer

    public init(_ first: FilterPattern, _ second: FilterPattern, facts: [DomainFact] = []) {
        onlyFirst = first.example(butNot: second, facts: facts)
        onlySecond = second.example(butNot: first, facts: facts)
        both = Logic.example(matching: [first, second], butNot: [], facts: facts)
    }

    public var isEquivalent: Bool { onlyFirst == .none && onlySecond == .none }
    /// Whether every event that the first matches is matched by the second.
    public var firstImpliesSecond: Bool { onlyFirst == .none }
    public var secondImpliesFirst: Bool { onlySecond == .none }
    public var isDisjoint: Bool { both == .none }
}

extension FilterPattern {
    /// An event that this pattern matches and another does not: there is none when this one implies the other.
    public func example(butNot other: FilterPattern, facts: [DomainFact] = []) -> LogicAnswer {
        example(butNot: [other], facts: facts)
    }

    /// An event that this pattern matches and none of others does.
    public func example(butNot others: [FilterPattern], facts: [DomainFact] = []) -> LogicAnswer {
        Logic.example(matching: [self], butNot: others, facts: facts)
    }
}

/// The logic of patterns, its examples confirmed by the matcher.
enum Logic {
    static func example(
        matching required: [FilterPattern], butNot denied: [FilterPattern], facts: [DomainFact] = []
    ) -> LogicAnswer {
        // Made when there is something to confirm.
        var made: MatchContext?
        return PatternLogic.example(matching: required, butNot: denied, facts: facts) { event in
            let context = made ?? MatchContext(TrailMatcher(required + denied))
            made = context
            Array(event.utf8).withUnsafeBytes { context.match($0) }
            return Set(context.matches) == Set(required.indices.map { Int32($0) })
        }
    }
}
