public import FilterPattern

/// Random patterns and messages over a small vocabulary, so that they meet often.
public struct RandomLanguage {
    public var random: SeededGenerator

    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    private let keys = ["a", "b", "eventName", "errorCode", "user-Identity", "x y", "", "ä", "a.b"]
    private let words = [
        "a", "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "ConsoleLogin", "true", "12",
        "12.0",
        "1e3", "", "é", "日本語", "a b", "*", "**", "*Den*", "Access*", "*Operation", "a*b", "null", "-5", "\"", "\\",
        "aa", "aaa",
    ]
    private let numbers = [
        "0", "-0", "1", "12", "12.0", "1.2e1", "1e3", "1000", "-5", "0.5", "123456789012345678", "123456789012345679",
        "1e-3", "1e400", "+7",
    ]
    private let regexes = [
        "a", "^a", "a$", "^$", "A.*d", "[a-z]+", "\\d{2,3}", "^[^a]", "a|b$", "x{,2}y", ".{3}", "Den|Op",
    ]

    // MARK: Patterns

    public mutating func pattern() -> FilterPattern {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: .terms(TermPattern((0..<Int.random(in: 1...3, using: &random)).map { _ in term() }))
        case 1, 2: .spaceDelimited(fields())
        case 3 where random.once(in: 20): .everything
        default: .json(formula(depth: 2))
        }
    }

    private mutating func term() -> TermPattern.Term {
        let role = random.pick([TermPattern.Role.include, .exclude, .optional])
        if random.once(in: 6) { return .init(role, .regex(regex())) }
        return .init(role, .text(random.pick(words + ["eventName", "\":\"", "Login", "12,"])))
    }

    private mutating func regex() -> RegularExpression {
        guard let expression = try? RegularExpression(random.pick(regexes)) else {
            preconditionFailure("illegal sample")
        }
        return expression
    }

    private mutating func formula(depth: Int) -> Formula<Condition> {
        if depth == 0 || random.once(in: 3) { return .leaf(Condition(selector(), test())) }
        let parts = (0..<Int.random(in: 2...3, using: &random)).map { _ in formula(depth: depth - 1) }
        return random.once(in: 2) ? .all(parts) : .any(parts)
    }

    private mutating func selector() -> Selector {
        var steps: [Selector.Step] = [.key(random.pick(keys))]
        if random.once(in: 12) { steps = [.anyMember] }
        while random.once(in: 2), steps.count < 4 {
            let hasWildcard = steps.contains(.anyElement) || steps.contains(.anyMember)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: steps.append(.index(Int.random(in: 0...2, using: &random)))
            case 1 where !hasWildcard: steps.append(.anyElement)
            case 2 where !hasWildcard: steps.append(.anyMember)
            default: steps.append(.key(random.pick(keys)))
            }
        }
        return Selector(steps)
    }

    private mutating func number() -> NumberLiteral {
        guard let number = NumberLiteral(random.pick(numbers)) else { preconditionFailure("illegal sample") }
        return number
    }

    private mutating func literal() -> Literal {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .number(number())
        case 1: .regex(regex())
        default: .text(TextLiteral(random.pick(words)))
        }
    }

    private mutating func test() -> ValueTest {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: .less(number())
        case 1: .lessOrEqual(number())
        case 2: .greater(number())
        case 3: .greaterOrEqual(number())
        case 4: .isNull
        case 5: .isTrue
        case 6: .isFalse
        case 7: .notExists
        case 8, 9: .notEquals(literal())
        default: .equals(literal())
        }
    }

    private mutating func fields() -> SpaceDelimitedPattern {
        var fields: [SpaceDelimitedPattern.Field] = []
        for i in 0..<Int.random(in: 0...4, using: &random) {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: fields.append(.unnamed)
            case 1: fields.append(.named("f\(i)"))
            case 2 where !fields.contains(.ellipsis): fields.append(.ellipsis)
            default: fields.append(.tested(name: "f\(i)", fieldFormula(depth: 1)))
            }
        }
        return SpaceDelimitedPattern(fields == [.unnamed] ? [] : fields)
    }

    private mutating func fieldFormula(depth: Int) -> Formula<ValueTest> {
        if depth == 0 || random.once(in: 2) {
            let test =
                random.once(in: 4)
                ? random.pick([ValueTest.less(number()), .greater(number()), .greaterOrEqual(number())])
                : random.once(in: 2) ? .equals(literal()) : .notEquals(literal())
            return .leaf(test)
        }
        let parts = (0..<2).map { _ in fieldFormula(depth: 0) }
        return random.once(in: 2) ? .all(parts) : .any(parts)
    }

    // MARK: Messages

    public mutating func message() -> [UInt8] {
        var bytes: [UInt8]
        if random.once(in: 5) {
            bytes = Array(line().utf8)
        } else {
            bytes = Array((blank() + object(depth: 3) + blank()).utf8)
        }
        if random.once(in: 15), !bytes.isEmpty {
            bytes.removeLast(Int.random(in: 1...min(6, bytes.count), using: &random))
        }
        if random.once(in: 15), !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }

    private mutating func blank() -> String { random.once(in: 4) ? random.pick([" ", "\n", "\t ", "\r\n"]) : "" }

    private mutating func object(depth: Int) -> String {
        let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            blank() + quoted(random.pick(keys)) + blank() + ":" + blank() + value(depth: depth - 1) + blank()
        }
        return "{" + (members.isEmpty ? blank() : members.joined(separator: ",")) + "}"
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return "null"
        case 1: return random.once(in: 2) ? "true" : "false"
        case 2, 3: return random.pick(numbers)
        case 4 where depth > 0, 5 where depth > 0: return object(depth: depth)
        case 6 where depth > 0:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in blank() + value(depth: depth - 1) }
            return "[" + elements.joined(separator: ",") + blank() + "]"
        default:
            let word = random.pick(words)
            return quoted(random.once(in: 20) ? word + String(repeating: "z{", count: 40) + word : word)
        }
    }

    /// A JSON string, now and then with more escapes than it needs.
    private mutating func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                quoted += "\\\(scalar)"
            } else if random.once(in: 12) {
                let units = Array(String(scalar).utf16)
                quoted += units.map { unit in
                    let code = String(unit, radix: 16)
                    return "\\u" + String(repeating: "0", count: 4 - code.count) + code
                }.joined()
            } else {
                quoted.unicodeScalars.append(scalar)
            }
        }
        if random.once(in: 60) { quoted += random.pick(["\\ud800", "\\udc00x", "\\ud83d\\ude00", "\\n"]) }
        return quoted + "\""
    }

    private mutating func line() -> String {
        let parts = (0..<Int.random(in: 0...5, using: &random)).map { _ -> String in
            let word = random.pick(words + numbers)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return "\"\(word)\""
            case 1: return "[\(word)]"
            case 2: return "[\(word)"
            default: return word
            }
        }
        return parts.joined(separator: random.pick([" ", "  ", "\t", " \t "]))
            + random.pick(["", "", "\n", " ", "\r\n"])
    }
}
