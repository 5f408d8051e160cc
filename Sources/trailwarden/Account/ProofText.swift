import Audit
import Controls

/// What came of a proof, for a person and for programs.
enum ProofText {
    static func line(_ proof: ProofResult, _ report: AuditReport) -> String {
        let number = proof.control.number(in: report.benchmark) ?? ""
        let width = report.results.map(\.control.id.count).max() ?? 0
        let head = "\(number.padded(to: 5)) \(proof.control.id.padded(to: width))  "
        switch proof.outcome {
        case .proved(let fired, let delivered):
            return head + Terminal.green("proved") + "   rang after \(fired) ms, told \(proof.endpoint ?? "") after "
                + "\(delivered) ms"
        case .broken(let step, let words): return head + Terminal.red("broken") + "   \(step.rawValue): \(words)"
        case .skipped(let words): return head + Terminal.yellow("skipped") + "  \(words)"
        }
    }

    static func json(_ proofs: [ProofResult]) -> JSON {
        .array(
            proofs.map { proof in
                let members: [(String, JSON)] =
                    switch proof.outcome {
                    case .proved(let fired, let delivered):
                        [
                            ("outcome", "proved"), ("firedMilliseconds", .int(fired)),
                            ("deliveredMilliseconds", .int(delivered)), ("alarm", JSON(proof.alarm)),
                            ("endpoint", JSON(proof.endpoint)),
                        ]
                    case .broken(let step, let words):
                        [("outcome", "broken"), ("link", .string(step.rawValue)), ("reason", .string(words))]
                    case .skipped(let words): [("outcome", "skipped"), ("reason", .string(words))]
                    }
                return .object([("control", .string(proof.control.id))] + members)
            })
    }
}
