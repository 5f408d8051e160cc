public import Controls
public import FilterPattern
internal import Synchronization

/// Which controls a metric filter is there for, by meaning: those all of whose events it sees, and those about whose events
/// alone it is.
public final class ServedControls: Sendable {
    private let version: BenchmarkVersion
    /// The controls without which nobody wants to know the others.
    private let wanted: Set<String>
    private let known = Mutex<[String: [Control]]>([:])

    /// - Parameter wanted: ids of controls; filters that serve none of them are not looked into further.
    public init(in version: BenchmarkVersion, wanted: Set<String>) {
        self.version = version
        self.wanted = wanted
    }

    /// The controls that a filter serves; none unless one of those is wanted.
    public func served(by pattern: FilterPattern) -> [Control] {
        let text = pattern.description
        if let found = known.withLock({ $0[text] }) { return found }
        let controls = Catalogue.watchingEvents.filter { $0.number(in: version) != nil }
        let first = controls.filter { wanted.contains($0.id) && isServed($0, by: pattern) }
        let found =
            first.isEmpty ? [] : first + controls.filter { !wanted.contains($0.id) && isServed($0, by: pattern) }
        known.withLock { $0[text] = found }
        return found
    }

    private func isServed(_ control: Control, by pattern: FilterPattern) -> Bool {
        guard let required = try? FilterPattern(control.requirement(in: version)) else { return false }
        if Coverage.covers(control, in: version, by: [pattern]) { return true }
        let facts = DomainFact.cloudTrail
        // One that matches nothing serves nothing.
        return Logic.example(matching: [pattern], butNot: [required], facts: facts) == .none
            && Logic.example(matching: [pattern], butNot: [], facts: facts) != .none
    }
}
