/// The search for an event that one pattern matches and others don't.
///
/// Branches on what most undecided patterns look at, and leaves a branch as soon as it is decided. Exponential at worst,
/// so it is given up after a number of steps.
struct Search {
    /// What is found where, by the number of the variable.
    typealias Assignment = [Int: Problem.Content]

    enum Outcome {
        /// There is no such event.
        case none
        case found
        case givenUp
    }

    static let stepLimit = 200_000

    private let problem: Problem
    private let required: Problem.Node
    private let denied: [Problem.Node]
    private let relatives: [[Relative]]
    private var chosen: [Int]
    private var steps = 0

    /// - Parameters:
    ///   - required: what must hold.
    ///   - denied: none of these may hold.
    init(_ problem: Problem, required: Problem.Node, denied: [Problem.Node]) {
        self.problem = problem
        self.required = required
        self.denied = denied
        chosen = Array(repeating: -1, count: problem.variables.count)
        relatives = Relative.all(problem)
    }

    /// Calls `isTaken` with each solution until it says true. What is not in an assignment does not matter.
    mutating func run(_ isTaken: (Assignment) -> Bool) -> Outcome {
        let outcome = descend(Array(denied.indices), isTaken)
        return steps > Self.stepLimit && outcome == .none ? .givenUp : outcome
    }

    private mutating func descend(_ open: [Int], _ isTaken: (Assignment) -> Bool) -> Outcome {
        steps += 1
        if steps > Self.stepLimit { return .givenUp }
        let isRequired = value(required)
        if isRequired == false { return .none }
        var undecided: [Int] = []
        for place in open {
            switch value(denied[place]) {
            case true?: return .none
            case false?: break
            case nil: undecided.append(place)
            }
        }
        if isRequired == true, undecided.isEmpty { return isTaken(assignment) ? .found : .none }
        let variable = mostWanted(isRequired == nil ? [required] : undecided.map { denied[$0] })
        for content in problem.variables[variable].contents.indices where isPossible(content, for: variable) {
            chosen[variable] = content
            let outcome = descend(undecided, isTaken)
            chosen[variable] = -1
            if outcome != .none { return outcome }
        }
        return .none
    }

    private var assignment: Assignment {
        var assignment: Assignment = [:]
        for (variable, content) in chosen.enumerated() where content >= 0 {
            assignment[variable] = problem.variables[variable].contents[content]
        }
        return assignment
    }

    /// Nil while it is open.
    private func value(_ node: Problem.Node) -> Bool? {
        switch node {
        case .constant(let value): return value
        case .test(let variable, let test):
            let content = chosen[variable]
            return content < 0 ? nil : problem.variables[variable].answers[content][test]
        case .not(let node): return value(node).map { !$0 }
        case .all(let nodes):
            var isOpen = false
            for node in nodes {
                switch value(node) {
                case false?: return false
                case true?: break
                case nil: isOpen = true
                }
            }
            return isOpen ? nil : true
        case .any(let nodes):
            var isOpen = false
            for node in nodes {
                switch value(node) {
                case true?: return true
                case false?: break
                case nil: isOpen = true
                }
            }
            return isOpen ? nil : false
        }
    }

    /// The free variable that stands most often in what is open.
    private func mostWanted(_ nodes: [Problem.Node]) -> Int {
        var counts: [Int: Int] = [:]
        func count(_ node: Problem.Node) {
            guard value(node) == nil else { return }
            switch node {
            case .constant: break
            case .test(let variable, _): counts[variable, default: 0] += 1
            case .not(let node): count(node)
            case .all(let nodes), .any(let nodes): nodes.forEach(count)
            }
        }
        nodes.forEach(count)
        return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
    }

    private func isPossible(_ content: Int, for variable: Int) -> Bool {
        let mine = (number: content, content: problem.variables[variable].contents[content])
        return relatives[variable].allSatisfy { relative in
            let other = chosen[relative.variable]
            guard other >= 0 else { return true }
            return relative.allows(mine, (other, problem.variables[relative.variable].contents[other]))
        }
    }
}

/// Another variable of which the place in the event bears on one's own.
private struct Relative {
    enum Kind {
        /// Mine is a member of it, or a member of a member.
        case ancestor
        case descendant
        /// Both would need the same place to be an object and an array.
        case rival
        /// The message holds a word when mine does, or one of the keys that lead there. And the other way round.
        case word(holds: [Bool], isInKeys: Bool)
        case bearer(holds: [Bool], isInKeys: Bool)
    }

    let variable: Int
    let kind: Kind

    /// - Parameters:
    ///   - mine: the number of my content, and the content.
    ///   - other: those of the other variable.
    func allows(
        _ mine: (number: Int, content: Problem.Content), _ other: (number: Int, content: Problem.Content)
    ) -> Bool {
        switch kind {
        case .word(let holds, let isInKeys): return Self.allows(mine, other.content, holds, isInKeys)
        case .bearer(let holds, let isInKeys): return Self.allows(other, mine.content, holds, isInKeys)
        default: break
        }
        guard case .one(let mine) = mine.content, case .one(let other) = other.content else { return true }
        switch kind {
        case .word, .bearer: return true
        case .ancestor: return mine == .nothing || other == .container
        case .descendant: return other == .nothing || mine == .container
        case .rival: return mine == .nothing || other == .nothing
        }
    }

    /// Whether a value and the answer whether a word occurs in the message go together.
    ///
    /// - Parameter holds: for each content of the value whether everything it stands for holds the word.
    private static func allows(
        _ value: (number: Int, content: Problem.Content), _ occurs: Problem.Content, _ holds: [Bool], _ isInKeys: Bool
    ) -> Bool {
        guard occurs == .holds(false) else { return true }
        return !(isInKeys && value.content.isThere) && !holds[value.number]
    }

    static func all(_ problem: Problem) -> [[Relative]] {
        zip(byPlace(problem), byWord(problem)).map { $0 + $1 }
    }

    /// Words are looked for in values and keys only where every writer of JSON leaves them as they are.
    private static func byWord(_ problem: Problem) -> [[Relative]] {
        var relatives = [[Relative]](repeating: [], count: problem.variables.count)
        for (place, variable) in problem.variables.enumerated() {
            guard case .term(.text(let word)) = variable.subject, !word.isEmpty,
                word.unicodeScalars.allSatisfy({ $0.isWordCharacter || " .:-".unicodeScalars.contains($0) })
            else { continue }
            for (other, variable) in problem.variables.enumerated() {
                guard case .value(let selector) = variable.subject else { continue }
                let isInKeys = selector.steps.contains {
                    if case .key(let key) = $0 { key.containsScalars(word) } else { false }
                }
                let holds = variable.contents.indices.map { variable.surelyHolds(word, in: $0) }
                relatives[place].append(Relative(variable: other, kind: .bearer(holds: holds, isInKeys: isInKeys)))
                relatives[other].append(Relative(variable: place, kind: .word(holds: holds, isInKeys: isInKeys)))
            }
        }
        return relatives
    }

    private static func byPlace(_ problem: Problem) -> [[Relative]] {
        let paths = problem.variables.map { variable -> [Selector.Step]? in
            guard case .value(let selector) = variable.subject, !selector.isWildcard else { return nil }
            return selector.steps
        }
        return paths.map { path in
            guard let path else { return [] }
            return paths.enumerated().compactMap { place, other in
                guard let other, other != path else { return nil }
                let common = zip(path, other).prefix { $0 == $1 }.count
                if common == other.count { return Relative(variable: place, kind: .ancestor) }
                if common == path.count { return Relative(variable: place, kind: .descendant) }
                switch (path[common], other[common]) {
                case (.key, .index), (.index, .key): return Relative(variable: place, kind: .rival)
                default: return nil
                }
            }
        }
    }
}

extension Problem.Content {
    /// Whether something is found.
    fileprivate var isThere: Bool {
        switch self {
        case .one(let value): value != .nothing
        case .several(let values): !values.isEmpty
        case .holds: false
        case .phantom: true
        }
    }
}

extension Problem.Variable {
    /// Whether a word stands in every text that a content stands for: in the literal of a test that it passes. The text
    /// that is shown for others is only one of them.
    fileprivate func surelyHolds(_ word: String, in content: Int) -> Bool {
        guard case .one(.text) = contents[content] else { return false }
        return tests.indices.contains { i in
            guard case .equals(.text(let literal)) = tests[i].affirmed else { return false }
            // Of a text `!=` is false where `=` is true.
            let passes = tests[i] == tests[i].affirmed ? answers[content][i] : !answers[content][i]
            guard passes else { return false }
            switch literal.shape {
            case .exact(let text), .prefix(let text), .suffix(let text), .contains(let text):
                return text.containsScalars(word)
            case .anything: return false
            }
        }
    }
}
