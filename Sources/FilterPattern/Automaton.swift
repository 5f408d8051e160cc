/// A regular expression as a machine over 129 symbols: the ASCII characters, and one for all others.
///
/// Each state either reads one character of a set and steps on (or stays, or may be passed over), or stands for an
/// anchor, or accepts. There are no groups, so the states of an alternative follow each other in a row.
public struct Automaton: Sendable {
    enum State: Sendable {
        case read(RegularExpression.CharacterSet, isOptional: Bool, repeats: Bool)
        case start
        case end
        case accept
    }

    let states: [State]
    /// The first state of each alternative.
    let entries: [Int]

    public init(_ expression: RegularExpression) {
        var states: [State] = []
        var entries: [Int] = []
        for alternative in expression.alternatives {
            entries.append(states.count)
            for item in alternative {
                switch item {
                case .start: states.append(.start)
                case .end: states.append(.end)
                case .characters(let set, let minimum, let maximum):
                    let once = State.read(set, isOptional: false, repeats: false)
                    states += repeatElement(once, count: minimum)
                    if let maximum {
                        states += repeatElement(.read(set, isOptional: true, repeats: false), count: maximum - minimum)
                    } else {
                        states.append(.read(set, isOptional: true, repeats: true))
                    }
                }
            }
            states.append(.accept)
        }
        self.states = states
        self.entries = entries
    }

    /// Adds `state` and what can be reached from it without reading.
    private func close(_ state: Int, into set: inout Set<Int>, atStart: Bool, atEnd: Bool) {
        var next = state
        while set.insert(next).inserted {
            switch states[next] {
            case .read(_, let isOptional, _): guard isOptional else { return }
            case .start: guard atStart else { return }
            case .end: guard atEnd else { return }
            case .accept: return
            }
            next += 1
        }
    }

    /// The states before the first character.
    func initial(atEnd: Bool = false) -> Set<Int> {
        var set: Set<Int> = []
        for entry in entries { close(entry, into: &set, atStart: true, atEnd: atEnd) }
        return set
    }

    /// The states after `symbol`; a match may begin at every character.
    func step(_ from: some Sequence<Int>, _ symbol: UInt8) -> Set<Int> {
        var set: Set<Int> = []
        for state in from {
            guard case .read(let characters, _, let repeats) = states[state], characters.contains(symbol) else {
                continue
            }
            close(repeats ? state : state + 1, into: &set, atStart: false, atEnd: false)
        }
        for entry in entries { close(entry, into: &set, atStart: false, atEnd: false) }
        return set
    }

    func accepts(_ set: some Sequence<Int>) -> Bool {
        set.contains { if case .accept = states[$0] { true } else { false } }
    }

    /// Whether the subject may end here.
    func acceptsAtEnd(_ set: some Sequence<Int>) -> Bool {
        if accepts(set) { return true }
        var closed: Set<Int> = []
        for state in set {
            guard case .end = states[state] else { continue }
            close(state, into: &closed, atStart: false, atEnd: true)
        }
        return accepts(closed)
    }
}

/// The table of a deterministic machine: one step a character, whatever the expression.
public struct TransitionTable: Sendable {
    /// The class of each of the 129 symbols; symbols of a class lead the same way.
    public let classes: [UInt8]
    public let classCount: Int
    /// `next[state * classCount + class]`; the machine begins in state 0.
    public let next: [Int32]
    /// Whether the subject matches, whatever follows.
    public let matches: [Bool]
    /// Whether the subject matches if it ends here.
    public let matchesAtEnd: [Bool]

    /// Builds the table, or gives nil when it would have more than `limit` states.
    public init?(_ automaton: Automaton, limit: Int) {
        let (classes, representatives) = Self.classes(of: automaton)
        var sets: [[Int]] = [automaton.initial().sorted()]
        var numbers: [[Int]: Int32] = [:]
        var next: [Int32] = []
        var matches: [Bool] = []
        var matchesAtEnd: [Bool] = []
        var work = 0
        var state = 0
        while state < sets.count {
            let set = sets[state]
            let isAccepting = automaton.accepts(set)
            matches.append(isAccepting)
            matchesAtEnd.append(
                isAccepting || automaton.acceptsAtEnd(set)
                    || state == 0 && automaton.accepts(automaton.initial(atEnd: true)))
            for symbol in representatives {
                if isAccepting {
                    next.append(Int32(state))
                    continue
                }
                let reached = automaton.step(set, symbol).sorted()
                work += reached.count
                if let number = numbers[reached] {
                    next.append(number)
                    continue
                }
                guard sets.count < limit, work < limit * 64 else { return nil }
                numbers[reached] = Int32(sets.count)
                next.append(Int32(sets.count))
                sets.append(reached)
            }
            state += 1
        }
        self.classes = classes
        classCount = representatives.count
        self.next = next
        self.matches = matches
        self.matchesAtEnd = matchesAtEnd
    }

    /// Joins the symbols that no set of the expression tells apart.
    private static func classes(of automaton: Automaton) -> ([UInt8], [UInt8]) {
        var sets: Set<RegularExpression.CharacterSet> = []
        for case .read(let set, _, _) in automaton.states { sets.insert(set) }
        let ordered = Array(sets)
        var numbers: [[Bool]: UInt8] = [:]
        var representatives: [UInt8] = []
        let classes = (UInt8(0)...RegularExpression.CharacterSet.other).map { symbol -> UInt8 in
            let signature = ordered.map { $0.contains(symbol) }
            if let number = numbers[signature] { return number }
            let number = UInt8(representatives.count)
            numbers[signature] = number
            representatives.append(symbol)
            return number
        }
        return (classes, representatives)
    }
}

extension Automaton {
    /// Whether the expression matches somewhere in well-formed UTF-8: state by state, without a table.
    ///
    /// Time is at most the number of characters times the number of states.
    public func matches(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var set = initial()
        var isAtStart = true
        for place in 0..<count where text[place] & 0xC0 != 0x80 {
            if accepts(set) { return true }
            set = step(set, min(text[place], RegularExpression.CharacterSet.other))
            isAtStart = false
        }
        return isAtStart ? accepts(initial(atEnd: true)) : acceptsAtEnd(set)
    }
}
