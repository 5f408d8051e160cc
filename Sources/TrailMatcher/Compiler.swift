internal import FilterPattern

/// Turns patterns into the tables of a `TrailMatcher`.
struct Compiler {
    private(set) var instructions: [Instruction] = []
    private(set) var starts: [Int32] = []
    /// Whether a pattern holds only of JSON objects.
    private(set) var isJSON: [Bool] = []
    private(set) var tree = SelectorTreeBuilder()
    private(set) var sources: [ValueSource] = []
    private(set) var terms: [[UInt8]] = []
    private(set) var texts: [[UInt8]] = []
    private(set) var numbers: [DecimalNumber] = []
    private(set) var regexes: [RegularExpression] = []

    private var sourceNumbers: [ValueSource: Int] = [:]
    private var termNumbers: [[UInt8]: Int] = [:]
    private var textNumbers: [[UInt8]: Int] = [:]
    private var regexNumbers: [RegularExpression: Int] = [:]
    /// The triggers of each leaf that has any; chosen from once all patterns are known.
    private var formulas: [Formula<LeafTriggers>] = []

    /// The cover that one leaf offers; empty when it offers none.
    struct LeafTriggers: Hashable, Sendable {
        var triggers: [Int]
    }

    private var triggerNumbers: [Trigger: Int] = [:]
    private(set) var triggers: [Trigger] = []

    mutating func add(_ pattern: FilterPattern) {
        starts.append(Int32(instructions.count))
        switch pattern {
        case .everything:
            isJSON.append(false)
            instructions.append(Instruction(operation: .always))
            formulas.append(.leaf(LeafTriggers(triggers: [])))
        case .terms(let terms):
            isJSON.append(false)
            add(terms)
        case .json(let formula):
            isJSON.append(true)
            instructions.append(Instruction(operation: .isObject, onTrue: Int32(instructions.count) + 1))
            formulas.append(
                add(formula, onTrue: Instruction.match, onFalse: Instruction.noMatch) { compiler, condition in
                    let source = compiler.number(of: compiler.tree.source(for: condition.selector))
                    return (
                        compiler.instruction(condition.test, on: source),
                        compiler.triggers(of: condition.test, on: source)
                    )
                })
        case .spaceDelimited(let pattern):
            isJSON.append(false)
            add(pattern)
        }
    }

    /// The number of a value that is asked for.
    mutating func number(of source: ValueSource) -> Int {
        if let known = sourceNumbers[source] { return known }
        sourceNumbers[source] = sources.count
        sources.append(source)
        return sources.count - 1
    }

    mutating func number(of selector: Selector) -> Int {
        number(of: tree.source(for: selector))
    }

    // MARK: Formulas

    /// Emits the tests of a formula in order; each jumps to where the outcome is decided or still open.
    private mutating func add<Leaf>(
        _ formula: Formula<Leaf>, onTrue: Int32, onFalse: Int32,
        _ leaf: (inout Compiler, Leaf) -> (Instruction, [Trigger])
    ) -> Formula<LeafTriggers> {
        switch formula {
        case .leaf(let value):
            var (instruction, triggers) = leaf(&self, value)
            instruction.onTrue = onTrue
            instruction.onFalse = onFalse
            instructions.append(instruction)
            return .leaf(LeafTriggers(triggers: triggers.map { number(of: $0) }))
        case .all(let parts): return .all(addRow(parts, onTrue, onFalse, isConjunction: true, leaf))
        case .any(let parts): return .any(addRow(parts, onTrue, onFalse, isConjunction: false, leaf))
        }
    }

    private mutating func addRow<Leaf>(
        _ parts: [Formula<Leaf>], _ onTrue: Int32, _ onFalse: Int32, isConjunction: Bool,
        _ leaf: (inout Compiler, Leaf) -> (Instruction, [Trigger])
    ) -> [Formula<LeafTriggers>] {
        var covers: [Formula<LeafTriggers>] = []
        for (i, part) in parts.enumerated() {
            // The next part begins after the leaves of this one.
            let next = Int32(instructions.count + part.leafCount)
            let isLast = i == parts.count - 1
            covers.append(
                add(
                    part, onTrue: isConjunction && !isLast ? next : onTrue,
                    onFalse: isConjunction || isLast ? onFalse : next, leaf))
        }
        return covers
    }

    // MARK: Values

    private mutating func instruction(_ test: ValueTest, on source: Int) -> Instruction {
        var instruction: Instruction
        switch test {
        case .equals(let literal): instruction = equality(literal)
        case .notEquals(let literal):
            instruction = equality(literal)
            instruction.isNegated = true
        case .less(let number): instruction = numeric(.less, number)
        case .lessOrEqual(let number): instruction = numeric(.lessOrEqual, number)
        case .greater(let number): instruction = numeric(.greater, number)
        case .greaterOrEqual(let number): instruction = numeric(.greaterOrEqual, number)
        case .isNull: instruction = Instruction(operation: .isNull)
        case .isTrue: instruction = Instruction(operation: .isTrue)
        case .isFalse: instruction = Instruction(operation: .isFalse)
        case .notExists: instruction = Instruction(operation: .notExists)
        }
        instruction.subject = Int32(source)
        return instruction
    }

    private mutating func equality(_ literal: Literal) -> Instruction {
        switch literal {
        case .number(let number): return numeric(.equalsNumber, number)
        case .regex(let expression):
            return Instruction(operation: .matchesRegex, operand: Int32(self.number(of: expression)))
        case .text(let text):
            switch text.shape {
            case .anything: return Instruction(operation: .isAnything)
            case .exact(let text): return Instruction(operation: .equalsText, operand: number(ofText: text))
            case .prefix(let text): return Instruction(operation: .hasPrefix, operand: number(ofText: text))
            case .suffix(let text): return Instruction(operation: .hasSuffix, operand: number(ofText: text))
            case .contains(let text): return Instruction(operation: .containsText, operand: number(ofText: text))
            }
        }
    }

    /// A number constant stands beside its text of the same number, since a string may be compared with it as written.
    private mutating func numeric(_ operation: Instruction.Operation, _ number: NumberLiteral) -> Instruction {
        let place = Int(self.number(ofText: number.text))
        while numbers.count <= place { numbers.append(.zero) }
        numbers[place] = number.value
        return Instruction(operation: operation, operand: Int32(place))
    }

    private mutating func number(ofText text: String) -> Int32 {
        let bytes = Array(text.utf8)
        if let known = textNumbers[bytes] { return Int32(known) }
        textNumbers[bytes] = texts.count
        texts.append(bytes)
        return Int32(texts.count - 1)
    }

    private mutating func number(of expression: RegularExpression) -> Int {
        if let known = regexNumbers[expression] { return known }
        regexNumbers[expression] = regexes.count
        regexes.append(expression)
        return regexes.count - 1
    }

    /// The triggers of which one is found whenever the test holds; none when it can hold of an absent value.
    private func triggers(of test: ValueTest, on source: Int) -> [Trigger] {
        if case .notExists = test { return [] }
        // Several values, or none at all: where they come from decides, which the path alone can tell.
        if case .paths = sources[source] { return [.present(value: source)] }
        guard case .equals(let literal) = test else { return [.present(value: source)] }
        switch literal {
        case .regex: return [.present(value: source)]
        case .number(let number):
            return [
                .text(value: source, Array(number.text.utf8)), .number(value: source, number.value.canonicalBytes),
            ]
        case .text(let text):
            switch text.shape {
            case .anything: return [.present(value: source)]
            case .exact(let text): return [.text(value: source, Array(text.utf8))]
            case .prefix(let text): return [.prefix(value: source, Array(text.utf8))]
            case .suffix(let text): return [.suffix(value: source, Array(text.utf8))]
            case .contains(let text): return [.substring(value: source, Array(text.utf8))]
            }
        }
    }

    // MARK: Messages

    private mutating func add(_ pattern: TermPattern) {
        let terms = pattern.terms.filter { !pattern.ignoresOptionalTerms || $0.role != .optional }
        let parts = terms.map(Formula.leaf)
        let formula = parts.count == 1 ? parts[0] : pattern.ignoresOptionalTerms ? .all(parts) : .any(parts)
        formulas.append(
            add(formula, onTrue: Instruction.match, onFalse: Instruction.noMatch) { compiler, term in
                var (instruction, triggers) = compiler.occurrence(term.atom)
                if term.role == .exclude {
                    instruction.isNegated = true
                    triggers = []
                }
                return (instruction, triggers)
            })
    }

    private mutating func occurrence(_ atom: TermPattern.Atom) -> (Instruction, [Trigger]) {
        switch atom {
        case .regex(let expression):
            return (Instruction(operation: .messageMatchesRegex, operand: Int32(number(of: expression))), [])
        case .text(""):
            return (Instruction(operation: .always), [])
        case .text(let text):
            let bytes = Array(text.utf8)
            let number = termNumbers[bytes] ?? terms.count
            if number == terms.count {
                termNumbers[bytes] = number
                terms.append(bytes)
            }
            return (Instruction(operation: .messageContains, subject: Int32(number)), [.term(number)])
        }
    }

    private mutating func add(_ pattern: SpaceDelimitedPattern) {
        let ellipsis = pattern.ellipsis
        let places = pattern.fields.filter { $0 != .ellipsis }
        let first = Int32(instructions.count)
        instructions.append(
            Instruction(
                operation: places.isEmpty ? .always : .hasFields, subject: Int32(places.count), onTrue: first + 1))
        var parts: [Formula<FieldLeaf>] = []
        for (i, field) in places.enumerated() {
            guard case .tested(_, let tests) = field else { continue }
            let place: FieldPlace
            if let ellipsis {
                place = i < ellipsis ? .fromStart(i) : .fromEnd(places.count - i)
            } else {
                place = i == places.count - 1 ? .restFrom(i) : .fromStart(i)
            }
            let source = number(of: .field(place))
            parts.append(tests.map { FieldLeaf(source: source, test: $0) })
        }
        guard !parts.isEmpty else {
            instructions[Int(first)].onTrue = Instruction.match
            formulas.append(.leaf(LeafTriggers(triggers: [])))
            return
        }
        let formula = parts.count == 1 ? parts[0] : .all(parts)
        formulas.append(
            add(formula, onTrue: Instruction.match, onFalse: Instruction.noMatch) { compiler, leaf in
                (compiler.instruction(leaf.test, on: leaf.source), compiler.triggers(of: leaf.test, on: leaf.source))
            })
    }

    private struct FieldLeaf: Hashable, Sendable {
        var source: Int
        var test: ValueTest
    }

    // MARK: Triggers

    private mutating func number(of trigger: Trigger) -> Int {
        let known = triggerNumbers[trigger]
        let number = known ?? triggers.count
        if known == nil {
            triggerNumbers[trigger] = number
            triggers.append(trigger)
        }
        return number
    }

    /// For each trigger the patterns it is a reason to evaluate, and the patterns that are always evaluated.
    func chooseTriggers() -> (lists: [[Int32]], always: [Int32]) {
        var lists = [[Int32]](repeating: [], count: triggers.count)
        var always: [Int32] = []
        var constants: [Int: Int] = [:]
        for trigger in triggers { constants[trigger.value, default: 0] += 1 }
        for (pattern, formula) in formulas.enumerated() {
            let cover = formula.cover { leaf in
                guard !leaf.triggers.isEmpty else { return nil }
                let cost = leaf.triggers.reduce(0.0) { sum, number in
                    sum + triggers[number].cost(constants: constants[triggers[number].value] ?? 0)
                }
                return (cost, leaf.triggers.map { triggers[$0] })
            }
            guard let cover else {
                always.append(Int32(pattern))
                continue
            }
            for trigger in Set(cover.triggers) {
                if let number = triggerNumbers[trigger] { lists[number].append(Int32(pattern)) }
            }
        }
        return (lists, always)
    }
}

extension Formula {
    fileprivate var leafCount: Int {
        switch self {
        case .leaf: 1
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.leafCount }
        }
    }

    /// The same shape with other leaves.
    func map<Other>(_ transform: (Leaf) -> Other) -> Formula<Other> {
        switch self {
        case .leaf(let leaf): .leaf(transform(leaf))
        case .all(let parts): .all(parts.map { $0.map(transform) })
        case .any(let parts): .any(parts.map { $0.map(transform) })
        }
    }
}
