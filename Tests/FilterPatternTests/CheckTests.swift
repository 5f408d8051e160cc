import FilterPattern
import Foundation
import TestSupport
import Testing

private let vocabulary = Vocabulary(
    fields: ["eventName", "eventSource", "invokedBy", "userIdentity", "errorCode"],
    alwaysPresent: [Selector("eventName")],
    eventNames: [
        "iam.amazonaws.com": [
            "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy", "DeleteRole", "DeleteRolePolicy",
            "DeletePolicy", "PutRolePolicy",
        ]
    ])

@Suite struct `Checking a pattern` {
    @Test(
        arguments: [
            ("{ ($.eventNa me = DeletePolicy) }", "{ ($.eventName = DeletePolicy) }"),
            (
                "{ ($.event\nName = Del etePolicy) || ($.eventName = PutRolePolic y) }",
                "{ ($.eventName = DeletePolicy) || ($.eventName = PutRolePolicy) }"
            ),
            ("{ $eventName = X }", "{ $.eventName = X }"), ("{ $..eventName = X }", "{ $.eventName = X }"),
            ("{ $.eventName = \u{201C}X\u{201D} }", "{ $.eventName = \"X\" }"),
            ("{ $.eventName = 'X' }", "{ $.eventName = \"X\" }"),
            ("{ $.eventName = X\") }", nil),
            (
                "{ $.eventName = \"Del etePolicy\" || $eventName = X }",
                "{ $.eventName = \"DeletePolicy\" || $.eventName = X }"
            ), ("{ ($.eventName = X\") }", "{ ($.eventName = \"X\") }"),
            ("{ $.userIdentity.invokedByNOT EXISTS }", "{ $.userIdentity.invokedBy NOT EXISTS }"),
            ("{ $.eventName == X | $.eventName = Y }", "{ $.eventName = X || $.eventName = Y }"),
            ("{ $.errorMessage = Failed authentication }", nil),
        ] as [(String, String?)])
    func `proposes what a broken text was meant to be`(text: String, expected: String?) {
        let report = FilterPattern.check(text, vocabulary)
        #expect(!report.isLegal)
        #expect(report.repaired == expected)
    }

    @Test func `proposes the intended patterns for the published texts`() throws {
        guard let seeds = SharedData.url("seeds") else { return }
        for file in try FileManager.default.contentsOfDirectory(at: seeds, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.split(separator: "\n") {
                guard let range = line.range(of: "filter-pattern '"),
                    let end = line[range.upperBound...].firstIndex(of: "'")
                else { continue }
                let published = String(line[range.upperBound..<end])
                let words = Vocabulary(
                    fields: vocabulary.fields, alwaysPresent: [],
                    eventNames: ["": Set(published.filter { $0 != " " }.split { "=()|".contains($0) }.map(String.init))]
                )
                let report = FilterPattern.check(published, words)
                if report.isLegal { continue }
                let repaired = try #require(report.repaired)
                #expect(try FilterPattern(repaired) == FilterPattern(published.filter { $0 != " " }))
            }
        }
    }

    @Test(
        arguments: [
            ("{ $.a = \"x\" || $.b = \"y\" && $.c != \"z\" }", ["mixed-operators", "absent-field"]),
            ("{ ($.a = \"x\" || $.b = \"y\") && $.eventName != \"z\" }", []),
            ("{ $.eventName = A && $.eventName = B }", ["never-matches", "never"]),
            ("{ ($.eventName = A || $.eventName = B) && $.eventName = A }", ["never"]),
            ("{ $.a NOT EXISTS && $.a.b = \"x\" }", ["never-matches", "never"]),
            ("{ $.n > 5 && $.n < 3 }", ["never-matches", "never"]), ("{ $.n >= 5 && $.n <= 5 }", []),
            ("{ $.eventName = \"A*\" || $.eventName = \"AB\" }", ["redundant"]),
            ("{ $.eventName = \"A\" || $.eventName = \"A\" }", ["duplicate"]),
            ("{ $.eventName = \"A*\" && $.eventName = \"AB\" }", []),
            ("{ $.eventName = \"AB\" && $.eventName = \"A*\" }", ["always"]),
            ("{ $.eventName = A && ($.eventSource NOT EXISTS || $.eventSource != \"y\") }", []),
            ("{ $.eventName = A && ($.errorCode = x || $.eventSource != \"y\") }", ["absent-field"]),
            ("{ $.errorCode = \"x\" || $.eventName != \"y\" }", ["floods"]), ("{ $.a = \"x*y\" }", ["inner-star"]),
            ("{ $.a = x-y }", ["odd-bare-text"]),
            ("{ $.eventName = \"Delete Policy\" }", ["broken-name"]), ("{ $.id = 123456789012 }", ["number-or-text"]),
            ("ERROR ?WARN", ["ignored-term"]), ("{ $.l[*] != \"x\" }", ["absent-field", "any-value"]),
            ("{ $.a =*x }", ["no-quotes"]),
        ] as [(String, [String])])
    func `warns of what is legal and surprising`(text: String, codes: [String]) {
        let report = FilterPattern.check(text, vocabulary)
        #expect(report.isLegal)
        #expect(report.diagnostics.map(\.code) == codes)
    }

    @Test func `says how mixed operators read and what that lets through`() throws {
        let text = "{ ($.errorCode = \"*Op\") || ($.errorCode = \"Den*\") && ($.eventName != \"Head\") }"
        let advice = try #require(FilterPattern.check(text, vocabulary).diagnostics.first?.advice)
        #expect(advice.contains("$.errorCode = \"*Op\" || ($.errorCode = \"Den*\" && $.eventName != \"Head\")"))
        #expect(advice.contains(#"{"errorCode":"Client.Op","eventName":"Head"}"#))
    }
}

@Suite struct `Shortening a pattern` {
    private func long(_ names: [String], source: String?, filler: Int) -> String {
        let blanks = String(repeating: " ", count: filler)
        let alternatives = names.map { "(\(blanks)$.eventName = \"\($0)\")" }.joined(separator: " || ")
        return source.map { "{ ($.eventSource = \"\($0)\") && (\(alternatives)) }" } ?? "{ \(alternatives) }"
    }

    @Test func `drops blanks and quotes first`() throws {
        let text = long(["DeleteRole", "PutRolePolicy"], source: "iam.amazonaws.com", filler: 600)
        let shorter = try #require(FilterPattern.check(text, vocabulary).shorter)
        #expect(shorter == "{$.eventSource=iam.amazonaws.com&&($.eventName=DeleteRole||$.eventName=PutRolePolicy)}")
        _ = try FilterPattern(shorter)
    }

    @Test func `writes common conditions once`() throws {
        let clauses = (0..<30).map { "($.eventName = \"Call\($0)\") && ($.recipientAccountId = \"111122223333\")" }
        let shorter = try #require(FilterPattern.check("{ \(clauses.joined(separator: " || ")) }", vocabulary).shorter)
        #expect(shorter.contains("&&$.recipientAccountId=\"111122223333\"}"))
    }

    @Test func `folds names only where no other call of the service begins alike`() throws {
        let others = (0..<60).map { "VeryLongNameOfACall\($0)" }
        let names = ["AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy", "DeleteRolePolicy", "DeletePolicy"]
        // All calls that begin with Attach are asked for, but not all that begin with Delete.
        var words = vocabulary
        words.eventNames["iam.amazonaws.com"]?.formUnion(others)
        let text = long(names + others, source: "iam.amazonaws.com", filler: 0)
        let shorter = try #require(FilterPattern.check(text, words).shorter)
        #expect(shorter.contains("=Attach*") && !shorter.contains("=Delete*") && shorter.contains("=DeletePolicy"))
        // Without the service pinned, another one may have calls of that begin.
        #expect(FilterPattern.check(long(names + others, source: nil, filler: 0), words).shorter == nil)
    }
}

@Suite struct `Regular expressions` {
    @Test func `with too large a table are run all the same`() throws {
        let expression = try RegularExpression("[ab]{1,9}a[ab]{14}c")
        let automaton = Automaton(expression)
        #expect(TransitionTable(automaton, limit: 4096) == nil)
        func matches(_ text: String) -> Bool {
            Array(text.utf8).withUnsafeBufferPointer {
                $0.baseAddress.map { automaton.matches($0, text.utf8.count) } ?? false
            }
        }
        #expect(matches("b" + "a" + String(repeating: "b", count: 14) + "c"))
        #expect(!matches("b" + "b" + String(repeating: "b", count: 14) + "c"))
    }

    @Test func `refuse counts that unfold without bound`() {
        #expect(throws: FilterPatternError.self) { try RegularExpression("a{1001}") }
        #expect(throws: FilterPatternError.self) { try RegularExpression(String(repeating: "a{1000}", count: 11)) }
    }
}
