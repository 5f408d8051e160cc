internal import AWSCore
public import Controls
public import Coverage
internal import WireValues

/// What an audit says of an exception.
public struct ExceptionResult: Sendable {
    public let exception: ControlException
    public let isExpired: Bool
    /// So many matches it has kept from counting in thirty days; nil where nobody counts them.
    public let suppressed: Int?
    public let outcome: ExceptionReview.Outcome

    /// For the chain of its control.
    var finding: Finding {
        let count = suppressed.map { "; \($0) matches suppressed in 30 days" } ?? ""
        if isExpired {
            let words = "it ended at \(exception.expires), and its events ring again (\(exception.reason))"
            return Finding(.exception, exception.name, words, isMild: true)
        }
        switch outcome {
        case .idle:
            return Finding(.exception, exception.name, "it hides no event that the control requires", isMild: true)
        case .gap(let witness):
            let words = "it opens a gap: it also hides callers whom it does not name, as in \(witness)\(count)"
            return Finding(.exception, exception.name, words)
        case .narrow:
            let words = "in force until \(exception.expires): \(exception.reason)\(count)"
            return Finding(.exception, exception.name, words, isMild: true)
        }
    }

    var opensGap: Bool { if case .gap = outcome { !isExpired } else { false } }
}

extension AccountReader {
    /// The exceptions of a server of this project; none anywhere else.
    ///
    /// - Throws: when there may be some that could not be read.
    func exceptions(region: String) throws(ReadFailure) -> [(exception: ControlException, suppressed: Int?)] {
        let answer: WireValue
        do throws(ReadFailure) {
            answer = try call("trailwarden", "DescribeExceptions", .empty, region: region)
        } catch {
            // Other endpoints do not know the service, each in words of its own.
            let passing = ["Throttl", "AccessDenied", "Unavailable", "Internal", "50", "429", "Signature", "Token"]
            if passing.contains(where: { error.code.contains($0) }) { throw error }
            return []
        }
        return answer.items("exceptions").enumerated().compactMap { number, item in
            guard
                let exception = try? ControlException(
                    name: item.text("name"), number: number + 1, control: item.text("control"),
                    pattern: item.text("pattern"), reason: item.text("reason"), expires: item.text("expires"))
            else { return nil }
            var count: Int?
            if case .integer(let number)? = item["suppressed"] { count = Int(number) }
            return (exception, count)
        }
    }
}
