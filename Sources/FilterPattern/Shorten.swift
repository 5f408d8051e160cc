extension FilterPattern {
    /// A text of at most `limit` characters with the same meaning; nil when no way to it is known.
    ///
    /// First blanks, quotes and parentheses that change nothing are left out. Then conditions that stand in every
    /// alternative are written once: `A && X || B && X` is `(A || B) && X`. If that is not enough, names of calls that
    /// are all those of their service with a common begin are replaced by that begin and a `*`; so the meaning is the
    /// same for every name that is known of the service.
    func shortened(
        _ vocabulary: Vocabulary, limit: Int = FilterPattern.maximumLength
    ) -> (text: String, isExact: Bool)? {
        let compact = compactDescription
        if compact.unicodeScalars.count <= limit { return (compact, true) }
        guard case .json(let formula) = self else { return nil }
        let factored = formula.withCommonConditionsFactored()
        for (shorter, isExact) in [(factored, true), (factored.withNamesFolded(vocabulary, source: nil), false)] {
            let text = FilterPattern.json(shorter).compactDescription
            if text.unicodeScalars.count <= limit { return (text, isExact) }
        }
        return nil
    }
}

extension Formula<Condition> {
    fileprivate func withCommonConditionsFactored() -> Formula {
        switch self {
        case .leaf: return self
        case .all(let parts): return .all(parts.map { $0.withCommonConditionsFactored() })
        case .any(let parts):
            let rows = parts.map { part -> [Formula] in
                if case .all(let conjuncts) = part { conjuncts } else { [part] }
            }
            let common = (rows.first ?? []).filter { condition in rows.allSatisfy { $0.contains(condition) } }
            let rests = rows.map { row in row.filter { !common.contains($0) } }
            // An alternative of nothing but the common conditions makes the others superfluous.
            guard !common.isEmpty, rests.allSatisfy({ !$0.isEmpty }) else {
                return .any(parts.map { $0.withCommonConditionsFactored() })
            }
            let alternatives = Formula.any(rests.map { $0.count == 1 ? $0[0] : .all($0) })
            return .all([alternatives.withCommonConditionsFactored()] + common)
        }
    }

    /// - Parameter source: the names of the service that conditions around this part pin the event to.
    fileprivate func withNamesFolded(_ vocabulary: Vocabulary, source: Set<String>?) -> Formula {
        switch self {
        case .leaf: return self
        case .all(let parts):
            let pinned = parts.lazy.compactMap { $0.eventSource.flatMap { vocabulary.eventNames[$0] } }.first
            return .all(parts.map { $0.withNamesFolded(vocabulary, source: pinned ?? source) })
        case .any(let parts):
            guard let source else { return .any(parts.map { $0.withNamesFolded(vocabulary, source: nil) }) }
            let names = parts.compactMap(\.eventName)
            let others = parts.filter { $0.eventName == nil }.map { $0.withNamesFolded(vocabulary, source: source) }
            let folded = Self.fold(names, all: source).map { text in
                Formula.leaf(Condition(Selector("eventName"), .equals(.text(TextLiteral(text)))))
            }
            let all = folded + others
            return all.count == 1 ? all[0] : .any(all)
        }
    }

    private var eventSource: String? { exactText(of: Selector("eventSource")) }
    private var eventName: String? { exactText(of: Selector("eventName")) }

    private func exactText(of selector: Selector) -> String? {
        guard case .leaf(let condition) = self, condition.selector == selector,
            case .equals(.text(let text)) = condition.test, case .exact(let exact) = text.shape
        else { return nil }
        return exact
    }

    private static func commonPrefix(_ names: Set<String>) -> String {
        guard var prefix = names.first else { return "" }
        for name in names { while !name.hasPrefix(prefix) { prefix.removeLast() } }
        return prefix
    }

    /// Replaces names by prefixes that no other name of the service has, those that save most first.
    private static func fold(_ names: [String], all: Set<String>) -> [String] {
        var rest = names
        var prefixes: [String] = []
        while true {
            var best: Set<String>?
            for name in Set(rest) {
                for length in stride(from: 3, to: name.count, by: 1) {
                    let prefix = String(name.prefix(length))
                    let covered = Set(rest.filter { $0.hasPrefix(prefix) })
                    guard covered.count > 1, all.filter({ $0.hasPrefix(prefix) }).isSubset(of: Set(names)) else {
                        continue
                    }
                    if covered.count > best?.count ?? 1 { best = covered }
                    break
                }
            }
            guard let best else { return prefixes.map { $0 + "*" } + rest }
            prefixes.append(commonPrefix(best))
            rest.removeAll { best.contains($0) }
        }
    }
}
