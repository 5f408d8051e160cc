import Coverage
import FilterPattern
import TestSupport
import Testing

@Suite struct `The logic of patterns` {
    private func compare(_ first: String, _ second: String) throws -> PatternComparison {
        PatternComparison(try FilterPattern(first), try FilterPattern(second))
    }

    @Test(arguments: [
        (#"{ $.a = "x" }"#, #"{ $.a = "x*" }"#), (#"{ $.a = "x" && $.b > 1 }"#, #"{ $.b >= 1 }"#),
        (#"{ $.a != "x" }"#, #"{ $.a = * }"#), (#"{ $.a = %^ab*$% }"#, #"{ $.a = "a*" }"#),
        (#"{ $.a = "*b*" && $.a = "*c*" }"#, #"{ $.a = "*b*" }"#),
        (#"{ $.a.b = 1 }"#, #"{ $.a.b = * && $.a != "x" || $.a.b = 1 }"#),
        (#"{ $.a[*] > 1 }"#, #"{ $.a[*] > 0 }"#), (#"{ $.a IS TRUE }"#, #"{ $.a = "true" }"#),
        (#"{ $.eventName = "StopLogging" }"#, #""StopLogging""#), (#"{ $.a = 1 }"#, ""),
        (#"{ $.a = "*den*" }"#, #"{ $.a != "xx" }"#), (#"{ $.a < 1 }"#, #"{ $.a != 1 }"#),
    ]) func `sees that one implies the other`(first: String, second: String) throws {
        let comparison = try compare(first, second)
        #expect(comparison.firstImpliesSecond, "\(comparison.onlyFirst)")
    }

    @Test(arguments: [
        // `!=` is false where nothing is found.
        (#"{ $.a = "x" }"#, #"{ $.a = "x" && $.b != "y" }"#), (#"{ $.a = 1 }"#, #"{ $.a = "1.0" }"#),
        (#"{ $.a = "*ab*" }"#, #"{ $.a = "a*" || $.a = "*b" }"#), (#"{ $.a.b = 1 }"#, #"{ $.a[0] = 1 }"#),
        (#"{ $.a[*] = 1 && $.a[*] = 2 }"#, #"{ $.a[2] = 1 }"#), (#"{ $.a = * }"#, #"{ $.a = %.% }"#),
        (#""one" -"two""#, #""three""#), (#"{ $.a IS NULL }"#, #"{ $.a = * }"#), ("", #"{ $.a = 1 }"#),
        (#"{ $.a != 1 }"#, #"{ $.a < 1 || $.a > 1 }"#), (#"{ $.a > 1 && $.a < 2 }"#, #"{ $.a = "1.25" }"#),
        (#"{ $.a = "x" }"#, #"{ $.['a.b'] = "x" }"#),
        // One text of a kind that has others.
        (#"{ $.a = %^[ab]$% }"#, #"{ $.a = "a" }"#), (#"{ $.a = %^[ab]{2}$% }"#, #"{ $.a = "aa" || $.a = "bb" }"#),
        (#"{ $.a = "a*" }"#, #"{ $.a = "a" || $.a = "aa" || $.a = "ax" }"#), (#"{ $.a = * }"#, "x"),
        (#"{ $.a = %^[a-z]{3}$% }"#, "xxx"), (#"{ $.a > 5 }"#, #"{ $.a = "10.0" }"#),
        (#"{ $.a > 1 && $.a < 3 }"#, #"{ $.a = "2.0" }"#), (#"{ $.a = %^[^a-z]$% }"#, #"{ $.a = %^[\x00-\x7F]$% }"#),
        ("", "{ $.a[0] NOT EXISTS || $.a.b NOT EXISTS }"),
    ]) func `shows an event where it does not`(first: String, second: String) throws {
        let comparison = try compare(first, second)
        // What can't be shown may be unknown; it must not be denied.
        #expect(comparison.onlyFirst != .none)
    }

    @Test func `finds the smallest example`() throws {
        let comparison = try compare(
            #"{ $.eventName = "StopLogging" && $.awsRegion != "eu-west-1" }"#,
            #"{ $.eventName = "StopLogging" && $.userIdentity.userName != "scanner" && $.awsRegion = * }"#)
        #expect(
            comparison.onlyFirst == .example(#"{"eventName":"StopLogging","awsRegion":"x"}"#), "\(comparison.onlyFirst)"
        )
        #expect(
            comparison.onlySecond
                == .example(#"{"eventName":"StopLogging","userIdentity":{"userName":"x"},"awsRegion":"eu-west-1"}"#),
            "\(comparison.onlySecond)")
    }

    /// All events over a few values at the places that the random patterns look at.
    private static let events: [String] = {
        let scalars = [
            nil, "null", "true", "\"\"", "\"a\"", "\"ab\"", "\"b\"", "\"aa\"", "\"bb\"", "\"ba\"", "\"1\"", "1", "1.0",
            "2", "{}",
        ]
        let inner = [nil, "1", "\"a\"", "null"]
        var events: [String] = []
        for a in scalars {
            for b in inner {
                for c in scalars {
                    let object: String? = b.map { "{\"b\":\($0)}" }
                    for value in Set([a, object]) {
                        let members = [value.map { "\"a\":\($0)" }, c.map { "\"c\":\($0)" }].compactMap(\.self)
                        events.append("{\(members.joined(separator: ","))}")
                    }
                }
            }
        }
        return Array(Set(events))
    }()

    private func condition(_ random: inout SeededGenerator) -> String {
        let selector = random.pick(["$.a", "$.a.b", "$.c"])
        let text = random.pick(["a", "ab", "b", "a*", "*b", "*a*", "1", "*", "1*"])
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: return "\(selector) = \"\(text)\""
        case 4, 5: return "\(selector) != \"\(text)\""
        case 6: return "\(selector) \(random.pick(["=", "!=", "<", "<=", ">", ">="])) \(random.pick(["1", "2", "1.5"]))"
        case 7: return "\(selector) \(random.pick(["IS NULL", "IS TRUE", "NOT EXISTS"]))"
        case 8: return "\(selector) = %\(random.pick(["a", "^a", "b$", "a|b", "^[a-b]*$", "^[ab]{2}$", "^.$"]))%"
        default: return "\(selector) NOT EXISTS"
        }
    }

    private func pattern(_ random: inout SeededGenerator) -> FilterPattern? {
        let count = Int.random(in: 1...3, using: &random)
        let joiner = random.pick([" && ", " || "])
        return try? FilterPattern("{ \((0..<count).map { _ in condition(&random) }.joined(separator: joiner)) }")
    }

    @Test func `agrees with trying all small events on random pairs`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("random pairs of patterns with seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let evaluator = ReferenceEvaluator()
        let events = Self.events.map { Array($0.utf8) }
        let pool = (0..<400).compactMap { _ in pattern(&random) }
        // What each of them matches, bit by bit.
        let matched = pool.map { pattern in events.map { evaluator.matches(pattern, $0) } }
        var unknown = 0
        for _ in 0..<50_000 {
            let (i, j) = (Int.random(in: pool.indices, using: &random), Int.random(in: pool.indices, using: &random))
            switch pool[i].example(butNot: pool[j]) {
            case .none:
                let difference = events.indices.first { matched[i][$0] && !matched[j][$0] }
                #expect(difference == nil, "\(pool[i]) | \(pool[j])")
            case .example(let event):
                // It may be one that is not among the small ones.
                #expect(evaluator.matches(pool[i], Array(event.utf8)))
                #expect(!evaluator.matches(pool[j], Array(event.utf8)))
            case .unknown: unknown += 1
            }
        }
        #expect(unknown < 2000, "\(unknown) of 50,000 were not decided")
    }
}
