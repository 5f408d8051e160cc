public import Controls
public import FilterPattern

/// Judges exceptions of a control.
///
/// An exception is for a caller that is known: it may hide what that one does, and nothing else. It opens a gap when it
/// also hides the act of somebody whom it does not name: neither by ARN, name, principal, key or role, nor by the service
/// that calls, nor by address or user agent.
public struct ExceptionReview {
    public enum Outcome: Equatable, Sendable {
        /// It hides only what callers do whom it names.
        case narrow
        /// It hides no event that the control requires.
        case idle
        /// It hides this one too, of a caller whom it does not name.
        case gap(witness: String)
    }

    private let version: BenchmarkVersion
    private let account: String

    public init(in version: BenchmarkVersion, account: String) {
        self.version = version
        self.account = account.isEmpty ? "123456789012" : account
    }

    public func judge(_ pattern: FilterPattern, for control: Control) -> Outcome {
        guard let required = try? FilterPattern(control.requirement(in: version)) else { return .idle }
        let facts = DomainFact.cloudTrail
        guard Logic.example(matching: [required, pattern], butNot: [], facts: facts) != .none else { return .idle }
        let strangers = strangers(required, facts)
        switch Logic.example(matching: [required, pattern] + strangers, butNot: [], facts: facts) {
        case .none: return .narrow
        case .example(let event): return .gap(witness: event)
        // What can't be told to be harmless isn't taken for it.
        case .unknown(let reason): return .gap(witness: "an event that can't be worked out: \(reason)")
        }
    }

    /// What is said of a caller who is nobody that anyone knows, as far as it goes together with what the control requires.
    private func strangers(_ required: FilterPattern, _ facts: [DomainFact]) -> [FilterPattern] {
        let (user, role) = ("trailwarden-somebody-else", "trailwarden-another-role")
        let values: [(selector: String, values: [String])] = [
            (
                "userIdentity.arn",
                [
                    "arn:aws:iam::\(account):root", "arn:aws:iam::\(account):user/\(user)",
                    "arn:aws:sts::\(account):assumed-role/\(role)/\(user)",
                    "arn:aws:sts::\(account):federated-user/\(user)",
                ]
            ),
            ("userIdentity.userName", [user]),
            (
                "userIdentity.principalId",
                ["AIDATRAILWARDENELSE01", "AROATRAILWARDENELSE01:\(user)", "\(account):\(user)", account]
            ),
            ("userIdentity.accessKeyId", ["ASIATRAILWARDENELSE01", "AKIATRAILWARDENELSE01"]),
            ("userIdentity.invokedBy", ["trailwarden-unknown.amazonaws.com"]),
            ("userIdentity.sessionContext.sessionIssuer.arn", ["arn:aws:iam::\(account):role/\(role)"]),
            ("userIdentity.sessionContext.sessionIssuer.userName", [role]),
            ("userIdentity.sessionContext.sessionIssuer.principalId", ["AROATRAILWARDENELSE01"]),
            // Addresses and names that are reserved for examples (RFC 5737).
            ("sourceIPAddress", ["203.0.113.77"]), ("userAgent", ["trailwarden-unknown-agent"]),
            ("vpcEndpointId", ["vpce-0trailwardenelse001"]),
        ]
        var chosen: [FilterPattern] = []
        for (selector, values) in values {
            let clauses = values.map { "$.\(selector) = \"\($0)\"" } + ["$.\(selector) NOT EXISTS"]
            guard let pattern = try? FilterPattern("{ " + clauses.joined(separator: " || ") + " }") else { continue }
            let isPossible =
                Logic.example(matching: [required] + chosen + [pattern], butNot: [], facts: facts) != .none
            if isPossible { chosen.append(pattern) }
        }
        return chosen
    }
}
