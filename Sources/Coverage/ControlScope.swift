public import Controls
public import FilterPattern
internal import Synchronization
internal import TrailMatcher

/// What a control is about and no other is, made once to be asked of many filters.
///
/// A filter for refused calls also sees refused changes of policies, and one for the root user those of root: that does not
/// make them filters for changes of policies.
public final class ControlScope {
    private let required: FilterPattern?
    /// What the other controls of the version require, and the patterns that are published for them.
    private let others: [FilterPattern]
    private let context: MatchContext
    private let facts: [DomainFact]

    public init(
        of control: Control, in version: BenchmarkVersion, facts: [DomainFact] = DomainFact.cloudTrail
    ) {
        let required = try? FilterPattern(control.requirement(in: version))
        self.required = required
        others = Self.others(than: control, required, in: version, facts)
        context = MatchContext(TrailMatcher(others))
        self.facts = facts
    }

    private struct Key: Hashable {
        var control: String
        var version: BenchmarkVersion
        var facts: [String]
    }

    /// Those of controls of the catalogue, which do not change.
    private static let known = Mutex<[Key: [FilterPattern]]>([:])

    private static func others(
        than control: Control, _ required: FilterPattern?, in version: BenchmarkVersion, _ facts: [DomainFact]
    ) -> [FilterPattern] {
        let key = Key(control: control.id, version: version, facts: facts.map(\.id))
        let isOfCatalogue = control.number(in: version) != nil
        if isOfCatalogue, let others = known.withLock({ $0[key] }) { return others }
        let others = Catalogue.watchingEvents.filter { $0.id != control.id && $0.number(in: version) != nil }
            .flatMap { [$0.requirement(in: version), $0.publishedPattern(in: version)] }
            .compactMap { try? FilterPattern($0) }
            // One that takes in all that this control is about, as a pattern that matches nearly everything, or the
            // control that this one is a part of, tells nothing apart.
            .filter { other in
                guard let required else { return true }
                return Logic.example(matching: [required], butNot: [other], facts: facts) != .none
            }
        if isOfCatalogue { known.withLock { $0[key] = others } }
        return others
    }

    /// Whether a filter sees events that this control requires and no other control is about.
    public func isMeant(_ pattern: FilterPattern) -> Bool {
        guard let required else { return false }
        // An example that another control claims leads to one that it does not claim, and so on: most filters are decided
        // by two or three small questions instead of one about all controls.
        var denied: [FilterPattern] = []
        while true {
            switch Logic.example(matching: [required, pattern], butNot: denied, facts: facts) {
            case .none: return false
            case .unknown: return true
            case .example(let event):
                Array(event.utf8).withUnsafeBytes { context.match($0) }
                guard context.matches.count > 0 else { return true }
                denied += context.matches.map { others[Int($0)] }
            }
        }
    }
}
