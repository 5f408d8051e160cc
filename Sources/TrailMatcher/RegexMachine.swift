internal import FilterPattern
internal import JSONText

/// A regular expression ready to run over bytes, in time linear in their number.
///
/// Nearly every expression has a small transition table. One whose table would be too large is run state by state,
/// which costs at most its size for each character.
final class RegexMachine: @unchecked Sendable {
    private let classes: FrozenArray<UInt8>
    private let classCount: Int
    private let next: FrozenArray<Int32>
    /// Bit 0: matches whatever follows; bit 1: matches at the end.
    private let outcomes: FrozenArray<UInt8>
    private let automaton: Automaton?

    static let stateLimit = 4096

    init(_ expression: RegularExpression) {
        let automaton = Automaton(expression)
        guard let table = TransitionTable(automaton, limit: Self.stateLimit) else {
            self.automaton = automaton
            classes = FrozenArray([])
            classCount = 0
            next = FrozenArray([])
            outcomes = FrozenArray([])
            return
        }
        self.automaton = nil
        classes = FrozenArray(table.classes)
        classCount = table.classCount
        next = FrozenArray(table.next)
        outcomes = FrozenArray(zip(table.matches, table.matchesAtEnd).map { ($0 ? 1 : 0) | ($1 ? 2 : 0) })
    }

    /// Whether the expression matches somewhere in well-formed UTF-8.
    func matches(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if let automaton { return automaton.matches(text, count) }
        var state = 0
        var place = 0
        while place < count {
            if outcomes.base[state] & 1 != 0 { return true }
            let byte = text[place]
            // Bytes 0x80 to 0xBF only continue a character that was counted at its first byte.
            if byte & 0xC0 != 0x80 {
                let symbol = byte < 128 ? byte : RegularExpression.CharacterSet.other
                state = Int(next.base[state &* classCount &+ Int(classes.base[Int(symbol)])])
            }
            place &+= 1
        }
        return outcomes.base[state] != 0
    }
}
