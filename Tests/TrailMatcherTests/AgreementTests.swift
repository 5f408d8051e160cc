import FilterPattern
import Foundation
import TestSupport
import Testing
import TrailMatcher

@Suite struct `The matcher and the reference evaluator` {
    /// 100,000 pairs in every run; another seed each time, printed so that a failure can be run again.
    @Test func `agree on random patterns and messages`() {
        let seed =
            ProcessInfo.processInfo.environment["TRAILWARDEN_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0...UInt64.max)
        print("random patterns with TRAILWARDEN_SEED=\(seed)")
        var language = RandomLanguage(seed: seed)
        let reference = ReferenceEvaluator()
        var pairs = 0
        var matched = 0
        while pairs < 100_000 {
            let patterns = (0..<20).map { _ in language.pattern() }
            let context = MatchContext(TrailMatcher(patterns))
            for _ in 0..<25 {
                let message = language.message()
                message.withUnsafeBytes { context.match($0) }
                let found = Set(context.matches.map(Int.init))
                #expect(found.count == context.matches.count)
                for (i, pattern) in patterns.enumerated() {
                    let expected = reference.matches(pattern, message)
                    if expected { matched += 1 }
                    if found.contains(i) != expected {
                        Issue.record(
                            "`\(pattern)` on `\(String(decoding: message, as: UTF8.self))` \(message): expected \(expected), seed \(seed)"
                        )
                        return
                    }
                }
                pairs += patterns.count
            }
        }
        // Pairs that never match would prove little.
        #expect(matched > 5_000)
    }

    @Test func `agree on what is hard to read`() throws {
        let deep = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        let long = String(repeating: "x", count: 700_000)
        let texts: [String] = [
            #"{"a":"1","a":"2"}"#, #"{"a":{"b":"x"},"a":{"c":"y"}}"#, #"{"a":{"c":"y"},"a":{"b":"x"}}"#,
            #"{"a":{"b":"x"},"\u0061":"z"}"#, #"{"\u0061":{"\u0062":"\u0078"}}"#, #"{"a":"\"","b":"\\"}"#,
            #"{"a":"\\\"}"}"#,
            #"{"a":{"b":"x"}"#, #"{"a":{"b":"x"}}}"#, #"{"a":{"b":"x"},}"#, #"{"a":{"b":"x"}} x"#, #"{"a":{"b":x}}"#,
            #"{a:1}"#,
            #" {"a" : { "b" : "x" } } "#, #"[{"a":{"b":"x"}}]"#, "", "{", "{}", "{\"a\":\(deep),\"b\":\"x\"}",
            "{\"a\":{\"z\":\"\(long)\",\"b\":\"x\"}}", #"{"a":{"b":"x"},"n":01}"#, #"{"a":{"b":"x"},"n":1e5}"#,
        ]
        var messages: [[UInt8]] = texts.map { Array($0.utf8) }
        let broken: [(String, [UInt8], String)] = [
            (#"{"a":{"b":"x"},"c":""#, [0xFF, 0xC3], #""}"#), (#"{"a":{"b":"x"}}"#, [0xFF], ""),
            (#"{"a":""#, [0xC3], #""}"#),
        ]
        for (before, bytes, after) in broken { messages.append(Array(before.utf8) + bytes + Array(after.utf8)) }
        let patternTexts: [String] = [
            #"{ $.a = "2" }"#, #"{ $.a.b = "x" }"#, #"{ $.a.c = "y" }"#, #"{ $.a.b NOT EXISTS }"#, #"{ $.a != "q" }"#,
            #"{ $.b = * }"#,
            #"{ $.a = "�" }"#, "x", #"[a, b]"#, #"{ $.* = "x" }"#, #"{ $.a.* = "x" }"#, #"{ $.c = %.% }"#,
        ]
        let patterns = try patternTexts.map { try FilterPattern($0) }
        let context = MatchContext(TrailMatcher(patterns))
        let reference = ReferenceEvaluator()
        for message in messages {
            // The reference reads recursively, so the deepest message is only given to the matcher.
            message.withUnsafeBytes { context.match($0) }
            let found = Set(context.matches.map(Int.init))
            guard message.count < 30_000 || message.count > 100_000 else {
                #expect(found.contains(5))
                continue
            }
            for (i, pattern) in patterns.enumerated() {
                #expect(
                    found.contains(i) == reference.matches(pattern, message),
                    "`\(pattern)` on `\(String(decoding: message.prefix(100), as: UTF8.self))`")
            }
        }
    }

    @Test func `agree when thousands of patterns share one machine`() throws {
        var language = RandomLanguage(seed: 7)
        let patterns = (0..<5_000).map { _ in language.pattern() }
        let context = MatchContext(TrailMatcher(patterns))
        let reference = ReferenceEvaluator()
        for _ in 0..<12 {
            let message = language.message()
            message.withUnsafeBytes { context.match($0) }
            let expected = patterns.indices.filter { reference.matches(patterns[$0], message) }
            #expect(context.matches.map(Int.init).sorted() == expected)
        }
    }
}
