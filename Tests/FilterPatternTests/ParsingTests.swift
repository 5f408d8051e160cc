import FilterPattern
import Foundation
import TestSupport
import Testing

@Suite struct `Reading and printing` {
    @Test func `what is printed reads as the same pattern`() throws {
        var language = RandomLanguage(seed: UInt64.random(in: 0...UInt64.max))
        for _ in 0..<20_000 {
            let pattern = language.pattern()
            for text in [pattern.description, pattern.compactDescription] {
                guard text.unicodeScalars.count <= FilterPattern.maximumLength, Self.canBeWritten(pattern) else {
                    continue
                }
                #expect(try FilterPattern(text) == pattern, "\(text)")
            }
        }
    }

    /// Random patterns may break a quota, which the reader enforces.
    private static func canBeWritten(_ pattern: FilterPattern) -> Bool {
        func count(_ tests: [ValueTest]) -> Int {
            tests.count { test in
                switch test {
                case .equals(.regex), .notEquals(.regex): true
                default: false
                }
            }
        }
        switch pattern {
        case .everything: return true
        case .json(let formula):
            return formula.leaves.count(where: \.selector.isWildcard) <= 3 && count(formula.leaves.map(\.test)) <= 2
        case .spaceDelimited(let pattern):
            let tests = pattern.fields.flatMap { field -> [ValueTest] in
                if case .tested(_, let formula) = field { formula.leaves } else { [] }
            }
            return count(tests) <= 2
        case .terms(let pattern):
            let regexes = pattern.terms.count { term -> Bool in
                if case .regex = term.atom { true } else { false }
            }
            return regexes <= 2 && pattern.terms != [.init(.include, .text(""))]
        }
    }

    @Test func `cases of the project's own corpus hold`() throws {
        let url = SharedData.project.appending(path: "Tests/Corpus/language.jsonl")
        for one in try LanguageCase.read(url) {
            if one.error == true {
                #expect(throws: FilterPatternError.self, "\(one.pattern)") { try FilterPattern(one.pattern) }
            } else {
                #expect(try FilterPattern(FilterPattern(one.pattern).description) == FilterPattern(one.pattern))
            }
        }
    }

    @Test func `any text gives a pattern or a fault inside it`() {
        var random = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        let pieces = [
            "{", "}", "(", ")", "[", "]", "$", ".", "$.", "a", "eventName", "=", "!=", "<=", ">", "\"", "\\", "%", "*",
            "&&", "||",
            "&", "|", " ", "\t", ",", "...", "IS", "NOT", "EXISTS", "NULL", "1", "-1e5", "'", "?", "-", "{1,2}", "^",
            "\u{201C}", "é", "\u{0}", "🙂",
        ]
        for _ in 0..<60_000 {
            let text = (0..<Int.random(in: 0...14, using: &random)).map { _ in random.pick(pieces) }.joined()
            do {
                let pattern = try FilterPattern(text)
                #expect(!FilterPattern.check(text).diagnostics.contains { $0.severity == .error }, "\(pattern)")
            } catch {
                let place = error.diagnostic.place
                #expect(
                    place.lowerBound >= 0 && place.upperBound <= text.unicodeScalars.count + 1, "`\(text)`: \(error)")
            }
        }
    }

    @Test func `what the fuzzer kept is read and printed without a fault of ours`() throws {
        let folder = SharedData.project.appending(path: "Tests/Corpus/fuzz")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            guard let pattern = FilterPattern.check(text).pattern else { continue }
            let printed = pattern.description
            guard printed.unicodeScalars.count <= FilterPattern.maximumLength else { continue }
            #expect(try FilterPattern(printed) == pattern)
        }
    }

    @Test func `a thousand parentheses do not exhaust the stack`() throws {
        let text = "{" + String(repeating: "(", count: 505) + "$.a=1" + String(repeating: ")", count: 505) + "}"
        #expect(try FilterPattern(text).description == "{ $.a = 1 }")
    }

    @Test(arguments: [
        ("{ $.a = 1", "missing-brace", 1), ("{ $a = 1 }", "missing-dot", 3), ("{ $..a = 1 }", "missing-key", 4),
        ("{ $.a = \u{201C}x\u{201D} }", "curly-quote", 9), ("{ $.a = 'x' }", "single-quote", 9),
        ("{ $.a == 1 }", "double-equals", 7),
        ("{ ($.a = 1 }", "missing-parenthesis", 3), ("{ $.a = 1) }", "unopened-parenthesis", 10),
        ("{ $.a = 1 & $.b = 2 }", "single-operator", 11),
        ("{ $.a = 1, $.b = 2 }", "comma", 10), ("{ $.a > \"1\" }", "needs-number", 9),
        ("{ $.a IS NOT NULL }", "unknown-keyword", 7),
        ("{ $.a is null }", "unknown-keyword", 7), ("{ $.eventNa me = x }", "blank-in-selector", 13),
        ("{ { $.a = 1 } }", "inner-brace", 3),
        ("a:b", "character", 2), ("\"open", "unterminated-quote", 1), ("[a b]", "missing-comma", 4),
        ("[a = 1 && b = 2]", "other-field", 11),
        ("[..., a, ...]", "second-ellipsis", 10), ("%a(b)%", "regex-character", 3), ("%a{2,1}%", "regex-count", 3),
        ("%[b-a]%", "regex-range", 3),
        ("{ $[0] = 1 }", "index-first", 4), ("{ $.a[*][*] = 1 }", "too-many-wildcards", 3),
    ])
    func `a fault has its code and its column`(text: String, code: String, column: Int) {
        let error = #expect(throws: FilterPatternError.self) { try FilterPattern(text) }
        #expect(error?.diagnostic.code == code)
        #expect(error.map { $0.diagnostic.place.lowerBound + 1 } == column)
    }

    @Test func `the length is counted in scalars`() throws {
        let text = "\"" + String(repeating: "é", count: 1022) + "\""
        _ = try FilterPattern(text)
        let error = #expect(throws: FilterPatternError.self) { try FilterPattern(text + " ") }
        #expect(error?.fault == .tooLong)
    }

    @Test func `faults have the messages of the service`() {
        func message(_ text: String) -> String? {
            do {
                _ = try FilterPattern(text)
                return nil
            } catch { return error.serviceMessage(metricFilter: true) }
        }
        #expect(message("a:b") == "Invalid character(s) in term ':'")
        #expect(message("{ $.a = 1") == "If a filter pattern starts with '{' it must end with '}'")
        #expect(message("{ $.a }") == "Invalid metric filter pattern")
    }
}

@Suite struct `Decimal numbers` {
    @Test func `are ordered by value and not by text`() throws {
        let ordered = [
            "-1e400", "-10", "-9.5", "-0.001", "0", "1e-400", "0.5", "1", "1.5", "9007199254740992", "9007199254740993",
            "1e400",
        ]
        let numbers = ordered.compactMap { DecimalNumber($0.utf8) }
        #expect(numbers.count == ordered.count)
        for (i, a) in numbers.enumerated() {
            for (j, b) in numbers.enumerated() { #expect((a < b) == (i < j)) }
        }
    }

    @Test(arguments: [("12", "12.0"), ("1000", "1e3"), ("+5", "5"), ("-0", "0"), ("0.10", "1E-1"), ("1e+2", "100")])
    func `are equal whatever their form`(a: String, b: String) {
        #expect(DecimalNumber(a.utf8) == DecimalNumber(b.utf8))
    }

    @Test(arguments: ["", "+", ".5", "5.", "1e", "1e+", "0x1", "1 ", "--1", "NaN"])
    func `have no other form`(text: String) {
        #expect(DecimalNumber(text.utf8) == nil)
    }
}
