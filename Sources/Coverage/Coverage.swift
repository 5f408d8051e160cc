public import Controls
public import FilterPattern
internal import TrailMatcher

/// Whether deployed filters see every event that a control requires, by logic and not by their text.
public struct Coverage: Sendable {
    public enum Verdict: String, Sendable {
        /// Every required event matches.
        case covers
        /// Some required events match.
        case partly
        /// None does.
        case none
        /// No pattern is legal, so no filter can exist.
        case invalid
        case unknown
    }

    /// Required events that no filter matches.
    public struct Gap: Sendable {
        /// The call or the error code, where the control requires several; nil for all its events.
        public let name: String?
        /// The smallest event that shows it.
        public let witness: String
        /// Whether no event of that name is seen at all.
        public let isWhole: Bool
        /// Values that filters need to be there: events without them are not seen, by `!=` neither.
        public let lacking: [Selector]

        public init(name: String?, witness: String, isWhole: Bool, lacking: [Selector]) {
            self.name = name
            self.witness = witness
            self.isWhole = isWhole
            self.lacking = lacking
        }
    }

    public let verdict: Verdict
    public let gaps: [Gap]
    /// Whether most unrelated events match too, so that the alarm says nothing.
    public let floods: Bool
    /// What the verdict rests on besides logic.
    public let facts: [DomainFact]
    /// Why it is unknown.
    public let reason: String?

    /// The names of the events that are missing, wholly or in part.
    public var missing: [String] { gaps.compactMap(\.name) }

    /// Judges the union of patterns.
    ///
    /// - Parameters:
    ///   - patterns: of the filters that are in force; nil for one that is not legal, and so does not exist.
    ///   - facts: what may be taken for granted of CloudTrail's events.
    public init(
        of control: Control, in version: BenchmarkVersion = .newest, by patterns: [FilterPattern?],
        facts: [DomainFact] = DomainFact.cloudTrail
    ) {
        let legal = patterns.enumerated().compactMap { place, pattern in pattern.map { (place: place, pattern: $0) } }
        let deployed = legal.map(\.pattern)
        guard let required = try? FilterPattern(control.requirement(in: version)), !deployed.isEmpty || patterns.isEmpty
        else {
            self.init(.invalid)
            return
        }
        let floods = Self.floods(deployed, control)
        // Most filters that cover a control do so by logic alone, which is quickly seen.
        if Logic.example(matching: [required], butNot: deployed) == .none {
            self.init(.covers, floods: floods)
            return
        }
        switch Logic.example(matching: [required], butNot: deployed, facts: facts) {
        case .none:
            let used = Self.used(facts) { Logic.example(matching: [required], butNot: deployed, facts: $0) == .none }
            self.init(.covers, floods: floods, facts: used)
        case .unknown(let reason): self.init(.unknown, floods: floods, reason: reason)
        case .example(let witness):
            let scope = ControlScope(of: control, in: version, facts: facts)
            let relevant = deployed.filter(scope.isMeant)
            let gaps = Self.gaps(control, required, deployed, relevant, facts, version)
            let isNone = relevant.isEmpty
            self.init(
                isNone ? .none : .partly,
                gaps: gaps.isEmpty
                    ? [
                        Gap(
                            name: nil, witness: witness, isWhole: isNone,
                            lacking: Self.lacking([required], deployed, relevant, facts))
                    ] : gaps, floods: floods)
        }
    }

    /// Whether filters cover a control, without the question of what is missing.
    public static func covers(
        _ control: Control, in version: BenchmarkVersion, by patterns: [FilterPattern],
        facts: [DomainFact] = DomainFact.cloudTrail
    ) -> Bool {
        guard let required = try? FilterPattern(control.requirement(in: version)) else { return false }
        return Logic.example(matching: [required], butNot: patterns, facts: facts) == .none
    }

    private init(
        _ verdict: Verdict, gaps: [Gap] = [], floods: Bool = false, facts: [DomainFact] = [],
        reason: String? = nil
    ) {
        self.verdict = verdict
        self.gaps = gaps
        self.floods = floods
        self.facts = facts
        self.reason = reason
    }

    /// The gaps one by one, for controls that are about several calls or codes.
    private static func gaps(
        _ control: Control, _ required: FilterPattern, _ deployed: [FilterPattern], _ relevant: [FilterPattern],
        _ facts: [DomainFact], _ version: BenchmarkVersion
    ) -> [Gap] {
        control.occasions(in: version).compactMap { occasion in
            guard
                case .example(let witness) = Logic.example(
                    matching: [required, occasion.pattern], butNot: deployed, facts: facts)
            else { return nil }
            let isWhole = relevant.allSatisfy {
                Logic.example(matching: [required, occasion.pattern, $0], butNot: [], facts: facts) == .none
            }
            return Gap(
                name: occasion.name, witness: witness, isWhole: isWhole,
                lacking: isWhole ? [] : lacking([required, occasion.pattern], deployed, relevant, facts))
        }
    }

    /// The values without which some filter matches none of the required events, though it does with them.
    private static func lacking(
        _ required: [FilterPattern], _ deployed: [FilterPattern], _ relevant: [FilterPattern], _ facts: [DomainFact]
    ) -> [Selector] {
        func isPossible(_ more: FilterPattern...) -> Bool {
            Logic.example(matching: required + more, butNot: [], facts: facts) != .none
        }
        var needed: [Selector] = []
        var mayBeAbsent: [Selector: Bool] = [:]
        for pattern in relevant where isPossible(pattern) {
            guard case .json(let formula) = pattern else { continue }
            for condition in formula.leaves
            where condition.test != .notExists && !needed.contains(condition.selector) {
                let isAbsent = FilterPattern.json(.leaf(Condition(condition.selector, .notExists)))
                let mayBe = mayBeAbsent[condition.selector] ?? isPossible(isAbsent)
                mayBeAbsent[condition.selector] = mayBe
                guard mayBe, !isPossible(pattern, isAbsent) else { continue }
                if case .example = Logic.example(matching: required + [isAbsent], butNot: deployed, facts: facts) {
                    needed.append(condition.selector)
                }
            }
        }
        return needed
    }

    /// The facts without which it would not hold: as few as can be.
    private static func used(_ facts: [DomainFact], _ holds: ([DomainFact]) -> Bool) -> [DomainFact] {
        var used = facts
        for fact in facts {
            let fewer = used.filter { $0 != fact }
            if holds(fewer) { used = fewer }
        }
        return used
    }

    /// Whether more than half of the sample events that the control is not about match: those of other controls, and
    /// those of its own that only look alike.
    public static func floods(_ deployed: [FilterPattern], _ control: Control) -> Bool {
        let context = MatchContext(TrailMatcher(deployed))
        var count = 0
        var matched = 0
        for other in Catalogue.watchingEvents {
            for sample in other.samples where other.id != control.id || !sample.isRequired {
                count += 1
                Array(sample.json.utf8).withUnsafeBytes { context.match($0) }
                if context.matches.count > 0 { matched += 1 }
            }
        }
        return matched * 2 > count
    }

    /// Of filters that cover a control, those without which the others still do, by their place: as many as can be left
    /// out together.
    public static func redundant(
        for control: Control, in version: BenchmarkVersion = .newest, among patterns: [FilterPattern],
        facts: [DomainFact] = DomainFact.cloudTrail
    ) -> [Int] {
        guard patterns.count > 1, let required = try? FilterPattern(control.requirement(in: version)) else { return [] }
        var kept = Array(patterns.indices)
        for place in patterns.indices {
            let fewer = kept.filter { $0 != place }
            // What it sees of the required events, the others must see.
            let example = Logic.example(
                matching: [required, patterns[place]], butNot: fewer.map { patterns[$0] }, facts: facts)
            if example == .none { kept = fewer }
        }
        return patterns.indices.filter { !kept.contains($0) }
    }
}
