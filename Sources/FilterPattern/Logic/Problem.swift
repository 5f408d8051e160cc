/// What patterns look at in an event, with everything it may be: the ground on which they are compared.
///
/// Each value that some pattern names is a variable. Of its possible contents one of each kind is kept: those of a kind
/// give the same answer to every test. The variables are taken to be independent but for what follows from their places
/// (what is missing has no members); where that leaves combinations that no event has, a proof is only the stronger,
/// and an example is tried on a matcher before anybody sees it.
struct Problem {
    enum Subject: Hashable {
        case value(Selector)
        /// Whether a text or expression occurs in the message.
        case term(TermPattern.Atom)
        /// Whether the message is a JSON object at all.
        case object
        /// Whether a pattern over fields matches, which is not looked into.
        case fields(SpaceDelimitedPattern)
    }

    enum Content: Hashable {
        case one(FoundValue)
        /// What a selector with a wildcard finds.
        case several([FoundValue])
        case holds(Bool)
        /// A number of which it is not known whether there is one: it stands here so that no proof overlooks it.
        case phantom
    }

    struct Variable {
        let subject: Subject
        var tests: [ValueTest] = []
        var contents: [Content] = []
        /// For each content the answers to the tests.
        var answers: [[Bool]] = []
        /// Whether some kind of content may be missing.
        var isCut = false
    }

    indirect enum Node {
        case constant(Bool)
        case test(variable: Int, test: Int)
        case not(Node)
        case all([Node])
        case any([Node])
    }

    private(set) var variables: [Variable] = []
    private var places: [Subject: Int] = [:]
    private var testPlaces: [[ValueTest: Int]] = []

    var isCut: Bool { variables.contains(where: \.isCut) }

    /// Whether something that a pattern names is known to the problem.
    func knows(_ selector: Selector) -> Bool { places[.value(selector)] != nil }

    // MARK: Reading patterns

    mutating func node(_ pattern: FilterPattern) -> Node {
        switch pattern {
        case .everything: return .constant(true)
        case .json(let formula): return .all([.test(variable: variable(.object), test: 0), node(formula)])
        case .terms(let terms): return node(terms)
        case .spaceDelimited(let fields):
            // A pattern without fields matches every message.
            if fields.fields.allSatisfy({ $0 == .ellipsis }) { return .constant(true) }
            return .test(variable: variable(.fields(fields)), test: 0)
        }
    }

    mutating func node(_ formula: Formula<Condition>) -> Node {
        switch formula {
        case .leaf(let condition):
            let variable = variable(.value(condition.selector))
            return .test(variable: variable, test: number(of: condition.test, in: variable))
        case .all(let parts): return .all(parts.map { node($0) })
        case .any(let parts): return .any(parts.map { node($0) })
        }
    }

    private mutating func node(_ pattern: TermPattern) -> Node {
        func nodes(_ role: TermPattern.Role) -> [Node] {
            pattern.terms.filter { $0.role == role }
                .map { .test(variable: variable(.term($0.atom)), test: 0) }
        }
        if !pattern.ignoresOptionalTerms { return .any(nodes(.optional)) }
        return .all(nodes(.include) + nodes(.exclude).map { .not($0) })
    }

    private mutating func variable(_ subject: Subject) -> Int {
        if let place = places[subject] { return place }
        places[subject] = variables.count
        var variable = Variable(subject: subject)
        if case .value = subject {
        } else {
            let first = subject == .object
            variable.contents = [.holds(first), .holds(!first)]
            variable.answers = [[first], [!first]]
        }
        variables.append(variable)
        testPlaces.append([:])
        return variables.count - 1
    }

    private mutating func number(of test: ValueTest, in variable: Int) -> Int {
        if let number = testPlaces[variable][test] { return number }
        let number = variables[variable].tests.count
        testPlaces[variable][test] = number
        variables[variable].tests.append(test)
        return number
    }

    // MARK: What there may be

    /// To be called when all patterns have been read.
    mutating func findContents() {
        for place in variables.indices {
            guard case .value(let selector) = variables[place].subject else { continue }
            let found = Self.values(variables[place].tests)
            variables[place].isCut = found.isCut
            let tests = variables[place].tests
            let prepared = tests.map(PreparedTest.init)
            func answers(_ contents: [FoundValue]) -> [Bool] {
                tests.indices.map { i in
                    tests[i] == .notExists
                        ? contents.allSatisfy { $0 == .nothing } : contents.contains { prepared[i].holds(for: $0) }
                }
            }
            var contents: [Content] = []
            var all: [[Bool]] = []
            var seen: Set<[Bool]> = []
            // A scalar and a container may answer alike, but only one of them has members.
            for value in found.values {
                let vector = answers([value])
                if seen.insert(vector).inserted || value == .container || value == .nothing {
                    contents.append(.one(value))
                    all.append(vector)
                }
            }
            for vector in found.phantoms where seen.insert(vector).inserted {
                contents.append(.phantom)
                all.append(vector)
            }
            if selector.isWildcard {
                if !found.phantoms.isEmpty { variables[place].isCut = true }
                (contents, all) = Self.sets(of: contents, answers: answers)
                if variables[place].tests.count > Self.mostSelected { variables[place].isCut = true }
            }
            variables[place].contents = contents
            variables[place].answers = all
        }
    }

    /// As many values of one wildcard selector are combined.
    private static let mostSelected = 3

    private static func sets(of contents: [Content], answers: ([FoundValue]) -> [Bool]) -> ([Content], [[Bool]]) {
        let values = contents.compactMap { content -> FoundValue? in
            if case .one(let value) = content, value != .nothing { value } else { nil }
        }
        var sets: [[FoundValue]] = [[]]
        var all: [[FoundValue]] = [[]]
        for _ in 0..<mostSelected {
            sets = sets.flatMap { set in
                let first = set.last.flatMap { values.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
                return values[first...].map { set + [$0] }
            }
            all += sets
        }
        var seen: Set<[Bool]> = []
        var contents: [Content] = []
        var vectors: [[Bool]] = []
        for set in all {
            let vector = answers(set)
            if seen.insert(vector).inserted {
                contents.append(.several(set))
                vectors.append(vector)
            }
        }
        return (contents, vectors)
    }

    /// A value of each kind that the tests tell apart; what is simplest comes first.
    ///
    /// How a number is written and how large it is are looked at apart: `phantoms` are the combinations of answers.
    private static func values(
        _ tests: [ValueTest]
    ) -> (values: [FoundValue], phantoms: [[Bool]], isCut: Bool) {
        let texts = TextClasses(tests)
        let bounds = tests.compactMap(\.bound)
        var isCut = texts.isCut
        var numbers = texts.numbers
        var phantoms: [[Bool]] = []
        if !bounds.isEmpty {
            let found = NumberClasses(bounds)
            isCut = isCut || found.isCut
            if tests.contains(where: \.asksForWriting) {
                phantoms = numbers.flatMap { written in
                    found.texts.map { size in
                        tests.map { PreparedTest($0).holds(for: .number($0.bound == nil ? written : size)) }
                    }
                }
            }
            numbers += found.texts
        }
        let values: [FoundValue] =
            [.nothing] + texts.texts.map(FoundValue.text) + [.bool(true), .bool(false), .null]
            + numbers.map(FoundValue.number) + [.container]
        return (values, phantoms, isCut)
    }
}

extension ValueTest {
    /// Whether it asks how a number is written.
    fileprivate var asksForWriting: Bool {
        guard case .equals(let literal) = affirmed else { return false }
        switch literal {
        case .regex: return true
        case .number: return false
        case .text(let text): return text.shape != .anything
        }
    }

    /// The number that a value is compared with.
    fileprivate var bound: NumberLiteral? {
        switch affirmed {
        case .less(let number), .lessOrEqual(let number), .greater(let number), .greaterOrEqual(let number): number
        case .equals(.number(let number)): number
        default: nil
        }
    }
}

/// Numbers at, between and beyond bounds.
private struct NumberClasses {
    private(set) var texts: [String] = []
    private(set) var isCut = false

    init(_ literals: [NumberLiteral]) {
        let sorted = Dictionary(literals.map { ($0.value, $0.text) }) { $1 }.sorted { $0.key < $1.key }
        for (value, text) in sorted {
            // Also written in another way, for tests of the writing.
            for candidate in [text, Double(text).map { "\($0)" } ?? text, Self.plain(text) + "e0"]
            where TextMachine.isNumber(candidate) && DecimalNumber(candidate.utf8) == value { texts.append(candidate) }
        }
        let values = sorted.compactMap { Double($0.value) }
        guard let first = values.first, let last = values.last, values.allSatisfy(\.isFinite) else {
            isCut = true
            return
        }
        add(first - max(1, abs(first)), between: nil, sorted.first?.key)
        add(last + max(1, abs(last)), between: sorted.last?.key, nil)
        for i in values.indices.dropLast() {
            add((values[i] + values[i + 1]) / 2, between: sorted[i].key, sorted[i + 1].key)
        }
    }

    private static func plain(_ text: String) -> String { text.hasPrefix("+") ? String(text.dropFirst()) : text }

    private mutating func add(_ number: Double, between low: DecimalNumber?, _ high: DecimalNumber?) {
        let text = "\(number)"
        guard let value = DecimalNumber(text.utf8), low.map({ $0 < value }) ?? true, high.map({ value < $0 }) ?? true
        else {
            isCut = true
            return
        }
        texts.append(text)
    }
}

extension Double {
    fileprivate init?(_ number: DecimalNumber) {
        let digits = String(decoding: number.digits.isEmpty ? [UInt8(ascii: "0")] : number.digits, as: UTF8.self)
        self.init("\(number.isNegative ? "-" : "")0.\(digits)e\(number.exponent)")
    }
}
