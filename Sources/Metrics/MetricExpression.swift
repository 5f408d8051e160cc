/// An expression of metric math (CloudWatch User Guide, "Using math expressions with CloudWatch metrics").
public struct MetricExpression: Hashable, Sendable {
    /// What is wrong with an expression, and where: counted in characters, from 0.
    public struct Fault: Error, Hashable, Sendable {
        public var place: Int
        public var message: String
    }

    indirect enum Node: Hashable, Sendable {
        case number(Double)
        case text(String)
        case name(String)
        case list([Node])
        case negation(Node)
        case binary(String, Node, Node)
        case call(String, [Node])
    }

    let root: Node

    /// Reads an expression.
    public init(_ text: String) throws(Fault) {
        var parser = Parser(text)
        root = try parser.expression(0)
        try parser.expectEnd()
    }

    /// The ids that it names.
    public var ids: Set<String> {
        func ids(_ node: Node) -> Set<String> {
            switch node {
            case .name(let name): [name]
            case .number, .text: []
            case .negation(let inner): ids(inner)
            case .binary(_, let a, let b): ids(a).union(ids(b))
            case .list(let parts), .call(_, let parts): parts.reduce(into: []) { $0.formUnion(ids($1)) }
            }
        }
        return ids(root).subtracting(["REPEAT", "LINEAR"])
    }

    /// Whether it takes all metrics of the request, as `METRICS()` does.
    public var namesAllMetrics: Bool {
        func names(_ node: Node) -> Bool {
            switch node {
            case .name, .number, .text: false
            case .negation(let inner): names(inner)
            case .binary(_, let a, let b): names(a) || names(b)
            case .list(let parts): parts.contains(where: names)
            case .call(let name, let parts): name == "METRICS" || parts.contains(where: names)
            }
        }
        return names(root)
    }

    private struct Parser {
        private let characters: [Character]
        private var place = 0
        private var depth = 0

        init(_ text: String) { characters = Array(text) }

        private mutating func skipBlanks() {
            while place < characters.count, characters[place].isWhitespace { place += 1 }
        }

        func fault(_ message: String) -> Fault { Fault(place: place, message: message) }

        mutating func expectEnd() throws(Fault) {
            skipBlanks()
            if place < characters.count { throw fault("unexpected `\(characters[place])`") }
        }

        private static let levels = [
            ["||", "OR"], ["&&", "AND"], ["==", "!=", "<=", ">=", "<", ">"], ["+", "-"], ["*", "/"],
        ]

        private mutating func take(_ words: [String]) -> String? {
            skipBlanks()
            for word in words {
                let end = place + word.count
                guard end <= characters.count, String(characters[place..<end]) == word else { continue }
                // `ORDER` is no `OR`.
                if word.first?.isLetter == true, end < characters.count, characters[end].isLetter { continue }
                place = end
                return word
            }
            return nil
        }

        mutating func expression(_ level: Int) throws(Fault) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth < 200 else { throw fault("nested too deep") }
            guard level < Self.levels.count else { return try unary() }
            var left = try expression(level + 1)
            while let symbol = take(Self.levels[level]) {
                let name = symbol == "OR" ? "||" : symbol == "AND" ? "&&" : symbol
                left = .binary(name, left, try expression(level + 1))
            }
            return left
        }

        private mutating func unary() throws(Fault) -> Node {
            if take(["-"]) != nil { return .negation(try expression(Self.levels.count)) }
            let base = try primary()
            return take(["^"]) == nil ? base : .binary("^", base, try expression(Self.levels.count))
        }

        private mutating func primary() throws(Fault) -> Node {
            skipBlanks()
            guard place < characters.count else { throw fault("the expression ends here, and a value is missing") }
            let first = characters[place]
            if take(["("]) != nil {
                let inner = try expression(0)
                guard take([")"]) != nil else { throw fault("`)` is missing") }
                return inner
            }
            if take(["["]) != nil { return .list(try arguments(until: "]")) }
            if first == "\"" || first == "'" {
                let start = place + 1
                guard let end = characters[start...].firstIndex(of: first) else { throw fault("the text has no end") }
                place = end + 1
                return .text(String(characters[start..<end]))
            }
            let start = place
            if first.isNumber || first == "." {
                while place < characters.count, characters[place].isNumber || characters[place] == "." { place += 1 }
                if place + 1 < characters.count, characters[place] == "e" || characters[place] == "E" {
                    place += characters[place + 1] == "-" || characters[place + 1] == "+" ? 2 : 1
                    while place < characters.count, characters[place].isNumber { place += 1 }
                }
                guard let number = Double(String(characters[start..<place])) else { throw fault("this is no number") }
                return .number(number)
            }
            while place < characters.count,
                characters[place].isLetter || characters[place].isNumber || characters[place] == "_"
            {
                place += 1
            }
            guard place > start else { throw fault("unexpected `\(first)`") }
            let name = String(characters[start..<place])
            if take(["("]) != nil { return .call(name.uppercased(), try arguments(until: ")")) }
            return .name(name)
        }

        private mutating func arguments(until end: String) throws(Fault) -> [Node] {
            var arguments: [Node] = []
            if take([end]) != nil { return arguments }
            repeat { arguments.append(try expression(0)) } while take([","]) != nil
            guard take([end]) != nil else { throw fault("`\(end)` is missing") }
            return arguments
        }
    }
}
