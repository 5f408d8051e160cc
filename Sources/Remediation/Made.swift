internal import Audit

/// What a plan makes itself, so that its other parts refer to it instead of naming it.
struct Made {
    private var topics: Set<String> = []
    private(set) var groups: Set<String> = []
    private(set) var bucket = false
    private(set) var role = false
    private var trails: Set<String> = []

    init(_ plan: Plan) {
        for entry in plan.entries {
            switch entry.step {
            case .createTopic(let name): topics.insert(name)
            case .createLogGroup(let name): groups.insert(name)
            case .createBucket: bucket = true
            case .createRole: role = true
            case .createTrail(let name, _, _, _): trails.insert(name)
            default: break
            }
        }
    }

    /// The name of a topic that the plan makes; nil for any other.
    func topic(_ arn: String) -> String? {
        arn.split(separator: ":").last.map(String.init).flatMap { topics.contains($0) ? $0 : nil }
    }

    /// Whether a resource brings it along: a new trail logs at once.
    func isImplied(_ step: Step) -> Bool {
        if case .startLogging(let trail) = step { trails.contains(trail) } else { false }
    }
}
