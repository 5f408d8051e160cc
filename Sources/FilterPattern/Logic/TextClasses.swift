/// The texts that a selector may find, sorted into classes: texts of a class pass the same tests.
///
/// Tests of one whole text each have a class of their own. The others (wildcards, regular expressions) are automata; the
/// states of their product that can be reached are all combinations of answers that some text gives, so no class is
/// forgotten.
struct TextClasses {
    /// A text of each class.
    let texts: [String]
    /// As many of them as are written like numbers: a number of each class.
    let numbers: [String]
    /// Whether there were more states than are looked at: some class may be missing.
    let isCut: Bool

    static let stateLimit = 10_000

    init(_ tests: [ValueTest]) {
        var whole: Set<String> = []
        var machines: [TextMachine] = []
        for test in tests {
            guard case .equals(let literal) = test.affirmed else { continue }
            switch literal {
            case .number(let number): whole.insert(number.text)
            case .regex(let expression): machines.append(TextMachine(expression))
            case .text(let text):
                if case .exact(let exact) = text.shape {
                    whole.insert(exact)
                } else if let machine = TextMachine(text.shape) {
                    machines.append(machine)
                }
            }
        }
        let isPlain = machines.isEmpty && whole.isDisjoint(with: Self.plain)
        let (found, isCut) =
            isPlain ? (Self.plain, false) : Self.explore([TextMachine(words: whole), .number] + machines)
        texts = whole.sorted() + found
        numbers = texts.filter(TextMachine.isNumber)
        self.isCut = isCut || machines.contains { $0.isCut }
    }

    /// The classes where nothing but whole texts is asked for: most conditions are like that.
    private static let plain = explore([TextMachine(words: []), .number]).0

    /// Walks through the product of the machines, the shortest texts first: a text for each combination of answers. The
    /// first machine takes the whole texts, which are classes already.
    private static func explore(_ machines: [TextMachine]) -> ([String], Bool) {
        let alphabet = Self.alphabet(machines)
        var queue: [(states: [Int], text: String)] = [(machines.map(\.start), "")]
        var seen: Set<[Int]> = [queue[0].states]
        var answered: Set<[Bool]> = []
        var texts: [String] = []
        func note(_ text: String, _ states: [Int]) {
            let answers = zip(machines, states).map { $0.accepts($1) }
            if !answers[0], answered.insert(answers).inserted { texts.append(text) }
        }
        var place = 0
        while place < queue.count {
            let (states, text) = queue[place]
            place += 1
            // The empty text stands for others only where there are none: it shows least.
            if !text.isEmpty { note(text, states) }
            for scalar in alphabet {
                let next = zip(machines, states).map { $0.step($1, scalar) }
                guard seen.insert(next).inserted else { continue }
                if seen.count > stateLimit { return (texts, true) }
                queue.append((next, text + String(scalar)))
            }
        }
        note("", machines.map(\.start))
        return (texts, false)
    }

    /// A scalar outside ASCII that no machine names.
    private static func foreign(_ named: Set<Unicode.Scalar>) -> Unicode.Scalar {
        (UInt32(0xE0)...0xFFF).lazy.compactMap(Unicode.Scalar.init).first { !named.contains($0) } ?? "\u{1F600}"
    }

    /// One scalar for each way in which the machines may be led on, letters and digits before others.
    private static func alphabet(_ machines: [TextMachine]) -> [Unicode.Scalar] {
        var named: Set<Unicode.Scalar> = []
        for machine in machines { named.formUnion(machine.scalars) }
        let common = "xX0aAqQzZ9 .:/-_@=#;,".unicodeScalars
        let ascii = (Array(UInt8(0x20)...0x7F) + Array(UInt8(0)...0x1F)).map { Unicode.Scalar($0) }
        var classes: Set<[Int]> = []
        var alphabet: [Unicode.Scalar] = []
        for scalar in Array(common) + ascii + [Self.foreign(named)] where !named.contains(scalar) {
            // Alike are those that every regular expression takes for the same.
            if classes.insert(machines.map { $0.kind(of: scalar) }).inserted { alphabet.append(scalar) }
        }
        return alphabet + named.sorted()
    }
}

/// A deterministic automaton over scalars.
struct TextMachine {
    private enum Form {
        /// How much of the text has been seen, or -1 when it can't come any more.
        case prefix([Unicode.Scalar])
        /// Of Knuth, Morris and Pratt; when it need not stand at the end, the last state is kept.
        case part([Unicode.Scalar], fallbacks: [Int], isAtEnd: Bool)
        case expression(TransitionTable)
        /// The numbers of JSON.
        case number
        /// Some texts: for each of their beginnings what may follow, and whether it is one of them.
        case words(next: [[Unicode.Scalar: Int]], isWhole: [Bool])
        /// An expression too large for a table: it could be anything.
        case unknown
    }

    private let form: Form

    /// Nil for shapes that every text passes, or one.
    init?(_ shape: TextLiteral.Shape) {
        switch shape {
        case .anything, .exact: return nil
        case .prefix(let text): form = .prefix(Array(text.unicodeScalars))
        case .suffix(let text): form = Self.part(Array(text.unicodeScalars), isAtEnd: true)
        case .contains(let text): form = Self.part(Array(text.unicodeScalars), isAtEnd: false)
        }
    }

    init(_ expression: RegularExpression) {
        form = TransitionTable(Automaton(expression), limit: 1000).map(Form.expression) ?? .unknown
    }

    private static func part(_ text: [Unicode.Scalar], isAtEnd: Bool) -> Form {
        var fallbacks = [0, 0]
        var length = 0
        for scalar in text.dropFirst() {
            while length > 0, text[length] != scalar { length = fallbacks[length] }
            if text[length] == scalar { length += 1 }
            fallbacks.append(length)
        }
        return .part(text, fallbacks: fallbacks, isAtEnd: isAtEnd)
    }

    var isCut: Bool { if case .unknown = form { true } else { false } }
    var start: Int { 0 }

    func accepts(_ state: Int) -> Bool {
        switch form {
        case .prefix(let text): state == text.count
        case .part(let text, _, _): state == text.count
        case .expression(let table): table.matchesAtEnd[state]
        case .number: [2, 3, 5, 8].contains(state)
        case .words(_, let isWhole): state >= 0 && isWhole[state]
        case .unknown: false
        }
    }

    func step(_ state: Int, _ scalar: Unicode.Scalar) -> Int {
        switch form {
        case .prefix(let text):
            if state == text.count || state < 0 { return state }
            return text[state] == scalar ? state + 1 : -1
        case .part(let text, let fallbacks, let isAtEnd):
            var state = state
            if state == text.count {
                if !isAtEnd { return state }
                state = fallbacks[state]
            }
            while state > 0, text[state] != scalar { state = fallbacks[state] }
            return text.first != nil && text[state] == scalar ? state + 1 : state
        case .expression(let table):
            return Int(table.next[state * table.classCount + Int(table.classes[Int(symbol(scalar))])])
        case .number: return Self.numberStep(state, scalar)
        case .words(let next, _): return state < 0 ? -1 : next[state][scalar] ?? -1
        case .unknown: return 0
        }
    }

    static let number = TextMachine(form: .number)

    init(words: Set<String>) {
        var next: [[Unicode.Scalar: Int]] = [[:]]
        var isWhole = [false]
        for word in words {
            var state = 0
            for scalar in word.unicodeScalars {
                if let known = next[state][scalar] {
                    state = known
                } else {
                    next[state][scalar] = next.count
                    state = next.count
                    next.append([:])
                    isWhole.append(false)
                }
            }
            isWhole[state] = true
        }
        form = .words(next: next, isWhole: isWhole)
    }

    private init(form: Form) { self.form = form }

    static func isNumber(_ text: String) -> Bool {
        number.accepts(text.unicodeScalars.reduce(number.start) { number.step($0, $1) })
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?` (RFC 8259).
    private static func numberStep(_ state: Int, _ scalar: Unicode.Scalar) -> Int {
        switch (state, scalar) {
        case (0, "-"): 1
        case (0...1, "0"): 2
        case (0...1, "1"..."9"), (3, "0"..."9"): 3
        case (2...3, "."): 4
        case (4...5, "0"..."9"): 5
        case (2...3, "e"), (2...3, "E"), (5, "e"), (5, "E"): 6
        case (6, "+"), (6, "-"): 7
        case (6...8, "0"..."9"): 8
        default: -1
        }
    }

    /// The scalars that it names one by one.
    var scalars: Set<Unicode.Scalar> {
        switch form {
        case .prefix(let text), .part(let text, _, _): Set(text)
        case .words(let next, _): Set(next.flatMap(\.keys))
        case .expression, .number, .unknown: []
        }
    }

    /// What it takes a scalar for that no machine names.
    func kind(of scalar: Unicode.Scalar) -> Int {
        switch form {
        case .expression(let table): return Int(table.classes[Int(symbol(scalar))])
        case .number:
            switch scalar {
            case "0": return 1
            case "1"..."9": return 2
            case "-": return 3
            case "+": return 4
            case ".": return 5
            case "e", "E": return 6
            default: return 0
            }
        default: return 0
        }
    }

    private func symbol(_ scalar: Unicode.Scalar) -> UInt8 {
        scalar.isASCII ? UInt8(scalar.value) : RegularExpression.CharacterSet.other
    }
}

extension ValueTest {
    /// The same with `=` in the place of `!=`.
    var affirmed: ValueTest { if case .notEquals(let literal) = self { .equals(literal) } else { self } }
}
