import Controls
import FilterPattern
import Foundation
import TestSupport
import Testing
import TrailMatcher

@Suite struct `The catalogue` {
    @Test func `has the sixteen controls under their numbers`() {
        #expect(Catalogue.controls.map(\.section) == Array(1...16))
        #expect(Catalogue.control("5.16", in: .v7_0_0)?.subject == .securityHub)
        #expect(Catalogue.control("4.16", in: .v1_4_0) == nil)
        #expect(Catalogue.control("5.15", in: .v7_0_0)?.id == "organizations_changes")
        #expect(Catalogue.control("3.1", in: .v1_2_0)?.id == "unauthorized_api_calls")
        #expect(Catalogue.control("organizations_changes", in: .v7_0_0)?.number(in: .v1_2_0) == nil)
    }

    @Test(arguments: Catalogue.watchingEvents.map(\.id))
    func `has samples that its patterns tell apart`(id: String) throws {
        let control = try #require(Catalogue.control(id, in: .newest))
        let requirement = try FilterPattern(control.requirement(in: .newest))
        let published = try FilterPattern(control.publishedPattern(in: .newest))
        let context = MatchContext(TrailMatcher([requirement, published]))
        #expect(control.samples.contains(where: \.isRequired) && !control.samples.allSatisfy(\.isRequired))
        for sample in control.samples {
            _ = try JSONSerialization.jsonObject(with: Data(sample.json.utf8))
            Array(sample.json.utf8).withUnsafeBytes { context.match($0) }
            #expect(context.matches.contains(0) == sample.isRequired, "\(sample.summary)")
            // What must be seen, the published pattern sees.
            if sample.isRequired { #expect(context.matches.contains(1), "\(sample.summary)") }
        }
    }

    @Test(arguments: BenchmarkVersion.allCases)
    func `has legal patterns in every version`(version: BenchmarkVersion) throws {
        for control in Catalogue.watchingEvents where control.number(in: version) != nil {
            _ = try FilterPattern(control.publishedPattern(in: version))
            _ = try FilterPattern(control.requirement(in: version))
        }
    }

    @Test func `agrees with the facts it was made from`() throws {
        struct Facts: Decodable {
            struct Control: Decodable {
                var id: String
                var benchmark: [String: String]
                var level: [String: Int]
                var pattern: String?
                var severity: String
            }
            var controls: [Control]
        }
        guard let url = SharedData.url("spec/controls.json") else { return }
        let facts = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: url))
        for fact in facts.controls {
            let control = try #require(Catalogue.control(fact.id, in: .newest))
            for (text, number) in fact.benchmark {
                let version = try #require(BenchmarkVersion(text))
                #expect(control.number(in: version) == number)
                #expect(control.level(in: version) == fact.level[text])
            }
            #expect(control.severity.rawValue == fact.severity)
        }
    }

    @Test func `names events that the services have`() {
        let vocabulary = Vocabulary.cloudTrail
        #expect(vocabulary.eventNames["organizations.amazonaws.com"]?.contains("LeaveOrganization") == true)
        for control in Catalogue.watchingEvents where control.id != "unauthorized_api_calls" {
            guard case .json(let formula)? = try? FilterPattern(control.requirement(in: .newest)) else { continue }
            for condition in formula.leaves where condition.selector == Selector("eventName") {
                guard case .equals(.text(let name)) = condition.test else { continue }
                #expect(vocabulary.eventNames.values.contains { $0.contains(name.text) }, "\(name.text)")
            }
        }
    }
}
