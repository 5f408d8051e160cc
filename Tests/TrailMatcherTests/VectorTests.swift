import FilterPattern
import Foundation
import TestSupport
import Testing
import TrailMatcher

@Suite struct `The cases of the language` {
    @Test func `hold for the matcher`() throws {
        guard let url = SharedData.url("spec/filter-pattern-vectors.jsonl") else { return }
        let cases = try LanguageCase.read(url)
        #expect(cases.count >= 639)
        for one in cases {
            let pattern: FilterPattern
            do {
                pattern = try FilterPattern(one.pattern)
            } catch {
                #expect(one.error == true, "\(one.id ?? ""): `\(one.pattern)`: \(error)")
                continue
            }
            guard one.error != true, let message = one.message else {
                Issue.record("\(one.id ?? ""): `\(one.pattern)` must be refused, is read as `\(pattern)`")
                continue
            }
            let context = MatchContext(TrailMatcher([pattern]))
            Array(message.utf8).withUnsafeBytes { context.match($0) }
            #expect(
                context.matches.count == (one.match == true ? 1 : 0), "\(one.id ?? ""): `\(pattern)` on `\(message)`")
            if one.match == true, let extracted = one.extracted {
                #expect(context.extractedFields(of: 0) == extracted, "\(one.id ?? "")")
            }
        }
    }
}
