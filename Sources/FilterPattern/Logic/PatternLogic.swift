/// Something that is so in every event of a kind, though no pattern says it: that sign-ins tell whether a second factor
/// was used, say.
public struct DomainFact: Hashable, Sendable {
    /// A short stable name.
    public let id: String
    /// In words.
    public let statement: String
    /// When this holds; nil holds always.
    public let premise: Formula<Condition>?
    public let conclusion: Formula<Condition>

    public init(_ id: String, _ statement: String, if premise: String? = nil, then conclusion: String) {
        func formula(_ text: String) -> Formula<Condition> {
            guard case .json(let formula)? = (try? PatternText(text).parse(limit: .max))?.pattern else {
                preconditionFailure("`\(text)` is no pattern over members")
            }
            return formula
        }
        self.id = id
        self.statement = statement
        self.premise = premise.map(formula)
        self.conclusion = formula(conclusion)
    }

    /// Whether a problem knows something that the conclusion is about: otherwise it can add nothing.
    func bears(on problem: Problem) -> Bool {
        conclusion.leaves.contains { problem.knows($0.selector) }
    }
}

/// What can be said about the events that some patterns match and others don't.
public enum LogicAnswer: Equatable, Sendable {
    /// There are none: proved.
    case none
    /// One, as small as can be: JSON, but where only another text will do.
    case example(String)
    /// Why it can't be said.
    case unknown(String)
}

/// Decides what patterns have to do with each other, for all events there could be.
public enum PatternLogic {
    /// So many examples are tried on a matcher before the search is given up.
    private static let mostExamples = 50

    /// Looks for an event that matches all of `required` and none of `denied`, and that agrees with the facts.
    ///
    /// - Parameter isConfirmed: whether a matcher says so too of an event. Only such events are given.
    public static func example(
        matching required: [FilterPattern], butNot denied: [FilterPattern], facts: [DomainFact] = [],
        isConfirmed: (String) -> Bool
    ) -> LogicAnswer {
        var problem = Problem()
        let requiredNodes = required.map { problem.node($0) }
        let deniedNodes = denied.map { problem.node($0) }
        let factNodes = nodes(of: facts, in: &problem)
        problem.findContents()
        var search = Search(problem, required: .all(requiredNodes + factNodes), denied: deniedNodes)
        var example: String?
        var tried = 0
        let outcome = search.run { assignment in
            tried += 1
            let event = ExampleEvent(problem, assignment)
            if event.isWhole, isConfirmed(event.json) {
                let small = smallest(assignment, problem, factNodes, isConfirmed)
                example = ExampleEvent(problem, small).json
                return true
            }
            return tried >= mostExamples
        }
        if let example { return .example(example) }
        if outcome == .givenUp { return .unknown("there are too many combinations to look at") }
        if tried > 0 { return .unknown("no event could be made that shows the difference") }
        if problem.isCut { return .unknown("a condition is too complex to know all values it tells apart") }
        return .none
    }

    private static func nodes(of facts: [DomainFact], in problem: inout Problem) -> [Problem.Node] {
        var nodes: [Problem.Node] = []
        var rest = facts
        // A fact brings in values that others are about.
        while let place = rest.firstIndex(where: { $0.bears(on: problem) }) {
            let fact = rest.remove(at: place)
            let conclusion = problem.node(fact.conclusion)
            if let premise = fact.premise {
                nodes.append(.any([.not(problem.node(premise)), conclusion]))
            } else {
                nodes.append(conclusion)
            }
        }
        return nodes
    }

    /// Leaves out what the example does not need to be one, and to be an event that there may be.
    private static func smallest(
        _ assignment: Search.Assignment, _ problem: Problem, _ facts: [Problem.Node], _ isConfirmed: (String) -> Bool
    ) -> Search.Assignment {
        var assignment = assignment
        for variable in assignment.keys.sorted(by: >) where assignment[variable] != .one(.nothing) {
            let content = assignment.removeValue(forKey: variable)
            let event = ExampleEvent(problem, assignment)
            let isFine = event.isWhole && facts.allSatisfy { problem.holds($0, assignment) } && isConfirmed(event.json)
            if !isFine { assignment[variable] = content }
        }
        return assignment
    }
}

extension Problem {
    /// Whether a node holds of an event that has what is assigned, and nothing else.
    func holds(_ node: Node, _ assignment: Search.Assignment) -> Bool {
        switch node {
        case .constant(let value): return value
        case .not(let node): return !holds(node, assignment)
        case .all(let nodes): return nodes.allSatisfy { holds($0, assignment) }
        case .any(let nodes): return nodes.contains { holds($0, assignment) }
        case .test(let number, let test):
            let variable = variables[number]
            if variable.subject == .object { return assignment[number] != .holds(false) }
            guard case .value = variable.subject else { return assignment[number] == .holds(true) }
            switch assignment[number] ?? .one(.nothing) {
            case .one(let value): return PreparedTest(variable.tests[test]).holds(for: value)
            case .several(let values):
                return variable.tests[test] == .notExists
                    ? values.isEmpty : values.contains { PreparedTest(variable.tests[test]).holds(for: $0) }
            case .holds(let value): return value
            case .phantom: return false
            }
        }
    }
}
