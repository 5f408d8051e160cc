/// The rule of a composite alarm: a formula over the states of other alarms (CloudWatch API Reference,
/// `PutCompositeAlarm`).
public struct AlarmRule: Hashable, Sendable {
    /// What is wrong with a rule, and where: counted in characters, from 0.
    public struct Fault: Error, Hashable, Sendable {
        public var place: Int
        public var message: String
    }

    indirect enum Node: Hashable, Sendable {
        case constant(Bool)
        /// A name or an ARN, and the state it is asked for.
        case state(AlarmState, String)
        case not(Node)
        case all([Node])
        case any([Node])
    }

    private let root: Node
    /// The names and ARNs that it speaks of, each once, in the order of the text.
    public let children: [String]

    /// Reads a rule. Keywords are written in capitals.
    public init(_ text: String) throws(Fault) {
        var parser = Parser(text)
        root = try parser.rule()
        try parser.expectEnd()
        var seen: Set<String> = []
        children = parser.names.filter { seen.insert($0).inserted }
        if children.count > 100 { throw Fault(place: 0, message: "a rule names at most 100 alarms") }
    }

    /// Whether it holds.
    ///
    /// - Parameter state: of an alarm, by name or ARN; nil when there is none, and then nothing holds of it.
    public func holds(_ state: (String) -> AlarmState?) -> Bool {
        func holds(_ node: Node) -> Bool {
            switch node {
            case .constant(let value): value
            case .state(let wanted, let name): state(name) == wanted
            case .not(let inner): !holds(inner)
            case .all(let parts): parts.allSatisfy(holds)
            case .any(let parts): parts.contains(where: holds)
            }
        }
        return holds(root)
    }

    private struct Parser {
        private let characters: [Character]
        private var place = 0
        private var elements = 0
        private(set) var names: [String] = []

        init(_ text: String) { characters = Array(text) }

        private func fault(_ message: String) -> Fault { Fault(place: place, message: message) }

        private mutating func skipBlanks() {
            while place < characters.count, characters[place].isWhitespace { place += 1 }
        }

        mutating func expectEnd() throws(Fault) {
            skipBlanks()
            if place < characters.count { throw fault("unexpected `\(characters[place])`") }
        }

        private mutating func take(_ word: String) -> Bool {
            skipBlanks()
            let end = place + word.count
            guard end <= characters.count, String(characters[place..<end]) == word else { return false }
            if word.last?.isLetter == true, end < characters.count, characters[end].isLetter || characters[end] == "_" {
                return false
            }
            place = end
            return true
        }

        private mutating func count() throws(Fault) {
            elements += 1
            if elements > 500 { throw fault("a rule has at most 500 elements") }
        }

        mutating func rule() throws(Fault) -> Node {
            var parts = [try conjunction()]
            while take("OR") { parts.append(try conjunction()) }
            return parts.count == 1 ? parts[0] : .any(parts)
        }

        private mutating func conjunction() throws(Fault) -> Node {
            var parts = [try negation()]
            while take("AND") { parts.append(try negation()) }
            return parts.count == 1 ? parts[0] : .all(parts)
        }

        private mutating func negation() throws(Fault) -> Node {
            try count()
            return take("NOT") ? .not(try negation()) : try primary()
        }

        private mutating func primary() throws(Fault) -> Node {
            if take("(") {
                let inner = try rule()
                guard take(")") else { throw fault("`)` is missing") }
                return inner
            }
            if take("TRUE") { return .constant(true) }
            if take("FALSE") { return .constant(false) }
            for state in AlarmState.allCases where take(state.rawValue) {
                guard take("(") else { throw fault("`(` is missing behind \(state.rawValue)") }
                let name = try name()
                guard take(")") else { throw fault("`)` is missing") }
                names.append(name)
                return .state(state, name)
            }
            skipBlanks()
            throw fault(
                place < characters.count
                    ? "expected ALARM(…), OK(…), INSUFFICIENT_DATA(…), TRUE, FALSE or `(`"
                    : "the rule ends here, and a condition is missing")
        }

        private mutating func name() throws(Fault) -> String {
            skipBlanks()
            let isQuoted = place < characters.count && characters[place] == "\""
            if isQuoted { place += 1 }
            let start = place
            while place < characters.count, isQuoted ? characters[place] != "\"" : !" )\"".contains(characters[place]) {
                place += 1
            }
            let name = String(characters[start..<place])
            if isQuoted {
                guard place < characters.count else { throw fault("the name has no end") }
                place += 1
            }
            guard !name.isEmpty else { throw fault("the name of an alarm is missing") }
            return name
        }
    }
}
