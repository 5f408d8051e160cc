import Controls
import Coverage
import FilterPattern
import Foundation
import TestSupport
import Testing

/// Patterns that people have published, each labelled by running it over thousands of events.
@Suite struct `The coverage of published patterns` {
    private struct Row: Decodable {
        var pattern: String
        var control: String
        var label: String
        var missing: [String]
        var extra_match_rate: Double?
        /// A star inside a text is a star and nothing else; the names of these rows take it for a wildcard.
        var inner_star: Bool?
        var label_if_inner_star_literal: String?
    }

    private static func rows() throws -> [Row] {
        guard let url = SharedData.url("spec/filter-corpus.jsonl") else { return [] }
        let decoder = JSONDecoder()
        return try SharedData.lines(url).map { try decoder.decode(Row.self, from: Data($0.utf8)) }
    }

    /// The name of a lost event; nil for words about why.
    private func name(_ missing: String) -> String? {
        let head = missing.components(separatedBy: " when ")[0]
        return head.contains(" ") || head == "events" ? nil : head
    }

    @Test func `is what their labels say, missing events included`() throws {
        for row in try Self.rows() {
            let control = try #require(Catalogue.control(row.control, in: .newest))
            let pattern = try? FilterPattern(row.pattern)
            let coverage = Coverage(of: control, in: .v4_0_0, by: [pattern])
            let comment = Comment(
                "\(row.pattern.prefix(160)) \(coverage.verdict) \(coverage.missing) \(coverage.reason ?? "")")
            switch row.label_if_inner_star_literal ?? row.label {
            case "broken": #expect(coverage.verdict == .invalid, comment)
            case "covers": #expect(coverage.verdict == .covers, comment)
            default:
                #expect(coverage.verdict == .partly || coverage.verdict == .none, comment)
                let all = Set(control.occasions(in: .v4_0_0).map(\.name))
                let isAll = row.missing.contains { $0.hasPrefix("every required event") || $0 == "all" }
                let listed = isAll ? all : Set(row.missing.compactMap(name))
                // Where a value is shut out, the labels name the value and not the calls.
                let isExcluding = row.missing.contains { $0.hasPrefix("excluded by") }
                let missing = Set(coverage.missing)
                if row.inner_star == true { continue }
                #expect(missing == listed || isExcluding && missing.isSuperset(of: listed), comment)
                let whole = Set(coverage.gaps.filter(\.isWhole).compactMap(\.name))
                let listedWhole = Set(row.missing.filter { !$0.contains(" when ") }.compactMap(name)).intersection(all)
                #expect(whole == listedWhole || isAll, comment)
            }
            if let rate = row.extra_match_rate { #expect(coverage.floods == (rate > 0.5), comment) }
        }
    }
}
