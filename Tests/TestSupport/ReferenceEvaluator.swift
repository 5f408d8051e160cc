public import FilterPattern

/// Decides whether a pattern matches a message: slow, plain, and written straight from the rules of the language. The
/// matcher must agree with it on everything.
public struct ReferenceEvaluator {
    public init() {}

    public func matches(_ pattern: FilterPattern, _ bytes: [UInt8]) -> Bool {
        let message = String(decoding: bytes, as: UTF8.self)
        switch pattern {
        case .everything: return true
        case .terms(let terms): return matches(terms, message)
        case .json(let formula):
            guard let value = ReferenceJSON.parse(message), case .object = value else { return false }
            return holds(formula) { holds($0, value) }
        case .spaceDelimited(let pattern): return matches(pattern, message)
        }
    }

    private func holds<Leaf>(_ formula: Formula<Leaf>, _ leaf: (Leaf) -> Bool) -> Bool {
        switch formula {
        case .leaf(let value): leaf(value)
        case .all(let parts): parts.allSatisfy { holds($0, leaf) }
        case .any(let parts): parts.contains { holds($0, leaf) }
        }
    }

    // MARK: Terms

    private func matches(_ pattern: TermPattern, _ message: String) -> Bool {
        func occurs(_ term: TermPattern.Term) -> Bool {
            switch term.atom {
            case .text(let text): contains(message, text)
            case .regex(let expression): matches(expression, message)
            }
        }
        let required = pattern.terms.filter { $0.role == .include }
        let excluded = pattern.terms.filter { $0.role == .exclude }
        if required.isEmpty && excluded.isEmpty { return pattern.terms.contains(where: occurs) }
        return required.allSatisfy(occurs) && !excluded.contains(where: occurs)
    }

    private func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.unicodeScalars), Array(part.unicodeScalars))
        if part.count > text.count { return false }
        return (0...text.count - part.count).contains { Array(text[$0..<$0 + part.count]) == part }
    }

    // MARK: JSON

    private func holds(_ condition: Condition, _ event: ReferenceJSON) -> Bool {
        let values = find(condition.selector.steps[...], event)
        if condition.test == .notExists { return values.isEmpty }
        return values.contains { holds(condition.test, $0) }
    }

    private func find(_ steps: ArraySlice<Selector.Step>, _ value: ReferenceJSON) -> [ReferenceJSON] {
        guard let step = steps.first else { return [value] }
        let next: [ReferenceJSON]
        switch (step, value) {
        case (.key(let key), .object(let members)):
            next = members.filter { $0.0.unicodeScalars.elementsEqual(key.unicodeScalars) }.map(\.1)
        case (.index(let index), .array(let elements)): next = elements.indices.contains(index) ? [elements[index]] : []
        case (.anyElement, .array(let elements)): next = elements
        case (.anyMember, .object(let members)): next = members.map(\.1)
        default: next = []
        }
        return next.flatMap { find(steps.dropFirst(), $0) }
    }

    private func holds(_ test: ValueTest, _ value: ReferenceJSON) -> Bool {
        switch (test, value) {
        case (.isNull, .null), (.isTrue, .bool(true)), (.isFalse, .bool(false)): return true
        case (.equals(let literal), _): return equals(literal, value) ?? false
        case (.notEquals(let literal), _): return equals(literal, value).map { !$0 } ?? false
        case (.less(let limit), .number(let text)): return number(text) < limit.value
        case (.lessOrEqual(let limit), .number(let text)): return number(text) <= limit.value
        case (.greater(let limit), .number(let text)): return number(text) > limit.value
        case (.greaterOrEqual(let limit), .number(let text)): return number(text) >= limit.value
        default: return false
        }
    }

    private func number(_ text: String) -> DecimalNumber { DecimalNumber(text.utf8) ?? .zero }

    /// Nil where nothing can be compared.
    private func equals(_ literal: Literal, _ value: ReferenceJSON) -> Bool? {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let written): text = written
        case .bool(let bool): text = bool ? "true" : "false"
        case .null, .object, .array: return nil
        }
        switch literal {
        case .regex(let expression): return matches(expression, text)
        case .text(let literal): return equals(literal, text)
        case .number(let literal):
            switch value {
            case .number: return number(text) == literal.value
            case .string: return text.unicodeScalars.elementsEqual(literal.text.unicodeScalars)
            default: return false
            }
        }
    }

    private func equals(_ literal: TextLiteral, _ text: String) -> Bool {
        let scalars = text.unicodeScalars
        switch literal.shape {
        case .anything: return true
        case .exact(let exact): return scalars.elementsEqual(exact.unicodeScalars)
        case .prefix(let prefix): return scalars.starts(with: prefix.unicodeScalars)
        case .suffix(let suffix): return scalars.reversed().starts(with: suffix.unicodeScalars.reversed())
        case .contains(let part): return contains(text, part)
        }
    }

    // MARK: Regular expressions

    /// Keeps the set of places that each item can end at.
    func matches(_ expression: RegularExpression, _ text: String) -> Bool {
        let symbols = text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : RegularExpression.CharacterSet.other }
        return expression.alternatives.contains { items in
            var places = Set(0...symbols.count)
            for item in items {
                switch item {
                case .start: places = places.filter { $0 == 0 }
                case .end: places = places.filter { $0 == symbols.count }
                case .characters(let set, let minimum, let maximum):
                    var next: Set<Int> = []
                    for place in places {
                        var length = 0
                        if minimum == 0 { next.insert(place) }
                        while place + length < symbols.count, set.contains(symbols[place + length]),
                            length < maximum ?? .max
                        {
                            length += 1
                            if length >= minimum { next.insert(place + length) }
                        }
                    }
                    places = next
                }
            }
            return !places.isEmpty
        }
    }

    // MARK: Fields

    private func matches(_ pattern: SpaceDelimitedPattern, _ message: String) -> Bool {
        let message = Array(message.unicodeScalars)
        let fields = split(message)
        let places = pattern.fields.filter { $0 != .ellipsis }
        if places.isEmpty { return true }
        guard fields.count >= places.count else { return false }
        func value(_ i: Int) -> [Unicode.Scalar] {
            if let ellipsis = pattern.ellipsis {
                return i < ellipsis ? fields[i].value : fields[fields.count - (places.count - i)].value
            }
            let isRest = i == places.count - 1 && fields.count > places.count
            return isRest ? Array(message[fields[i].start...]) : fields[i].value
        }
        return places.indices.allSatisfy { i in
            guard case .tested(_, let tests) = places[i] else { return true }
            var compared = value(i)
            while compared.last == "\n" || compared.last == "\r" { compared.removeLast() }
            let text = String(String.UnicodeScalarView(compared))
            return holds(tests) { holds($0, field: text) }
        }
    }

    private func split(_ message: [Unicode.Scalar]) -> [(start: Int, value: [Unicode.Scalar])] {
        var fields: [(Int, [Unicode.Scalar])] = []
        var place = 0
        while place < message.count {
            if message[place] == " " || message[place] == "\t" {
                place += 1
                continue
            }
            let closing: Unicode.Scalar? = message[place] == "[" ? "]" : message[place] == "\"" ? "\"" : nil
            if let closing, let end = message[(place + 1)...].firstIndex(of: closing) {
                fields.append((place, Array(message[(place + 1)..<end])))
                place = end + 1
                if message[place...].allSatisfy({ $0 == "\n" || $0 == "\r" }) { break }
                continue
            }
            let end = message[place...].firstIndex { $0 == " " || $0 == "\t" } ?? message.count
            fields.append((place, Array(message[place..<end])))
            place = end
        }
        return fields
    }

    private func holds(_ test: ValueTest, field text: String) -> Bool {
        let number = DecimalNumber(text.utf8)
        func equals(_ literal: Literal) -> Bool {
            switch literal {
            case .number(let literal): number == literal.value
            case .text(let literal): self.equals(literal, text)
            case .regex(let expression): matches(expression, text)
            }
        }
        switch test {
        case .equals(let literal): return equals(literal)
        case .notEquals(let literal): return !equals(literal)
        case .less(let limit): return number.map { $0 < limit.value } ?? false
        case .lessOrEqual(let limit): return number.map { $0 <= limit.value } ?? false
        case .greater(let limit): return number.map { $0 > limit.value } ?? false
        case .greaterOrEqual(let limit): return number.map { $0 >= limit.value } ?? false
        case .isNull, .isTrue, .isFalse, .notExists: return false
        }
    }
}
