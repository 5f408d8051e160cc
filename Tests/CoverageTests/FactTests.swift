import CloudTrail
import Controls
import FilterPattern
import Foundation
import TestSupport
import Testing
import TrailMatcher

@Suite struct `The facts about CloudTrail` {
    /// Looks at each record whether it is as the facts say.
    private final class Witness: RecordConsumer {
        private let facts = DomainFact.cloudTrail
        private let context: MatchContext
        private(set) var breaches: [String: Int] = [:]
        private(set) var records = 0

        init() {
            // Premise and conclusion of each; last the records that are no events of management.
            let patterns = facts.flatMap { fact in
                [fact.premise.map(FilterPattern.json) ?? .everything, .json(fact.conclusion)]
            }
            let insight = try? FilterPattern(#"{ $.eventCategory = "Insight" }"#)
            context = MatchContext(TrailMatcher(patterns + [insight ?? .everything]))
        }

        func consume(_ record: Record) {
            context.match(record.bytes)
            let matched = Set(context.matches.map { Int($0) })
            if matched.contains(facts.count * 2) { return }
            records += 1
            for (place, fact) in facts.enumerated()
            where matched.contains(2 * place) && !matched.contains(2 * place + 1) {
                breaches[fact.id, default: 0] += 1
            }
        }

        func report(_ fault: LogFault) {}
    }

    @Test func `hold of every event in public logs`() throws {
        guard let data = SharedData.url("data/cloudtrail") else { return }
        let witness = Witness()
        let reader = LogFileReader()
        for folder in ["invictus", "sans504-a", "stratus"] {
            for file in logFiles(at: [data.appending(path: folder).path()], unreadable: { _ in }) {
                _ = reader.read(file, witness)
            }
        }
        #expect(witness.records > 20_000)
        #expect(witness.breaches == [:])
    }
}
