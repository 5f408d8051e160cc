internal import FilterPattern

/// The table of a regular expression, run over bytes: one step a character, whatever the expression.
///
/// Nearly every expression has a small table. One whose table would be too large has none here, and is run state by
/// state, which costs at most its size for each character.
struct RegexMachine: BitwiseCopyable {
    private let classes: UnsafePointer<UInt8>
    private let classCount: Int
    private let next: UnsafePointer<Int32>
    /// Bit 0: matches whatever follows; bit 1: matches at the end.
    private let outcomes: UnsafePointer<UInt8>

    static let stateLimit = 4096

    /// Nil when the table would have more than `stateLimit` states.
    init?(_ automaton: Automaton, in pool: MemoryPool) {
        guard let table = TransitionTable(automaton, limit: Self.stateLimit) else { return nil }
        classes = pool.array(table.classes)
        classCount = table.classCount
        next = pool.array(table.next)
        outcomes = pool.array(zip(table.matches, table.matchesAtEnd).map { ($0 ? 1 : 0) | ($1 ? 2 : 0) })
    }

    /// Whether the expression matches somewhere in well-formed UTF-8.
    func matches(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var state = 0
        var place = 0
        while place < count {
            if outcomes[state] & 1 != 0 { return true }
            let byte = text[place]
            // Bytes 0x80 to 0xBF only continue a character that was counted at its first byte.
            if byte & 0xC0 != 0x80 {
                let symbol = byte < 128 ? byte : RegularExpression.CharacterSet.other
                state = Int(next[state &* classCount &+ Int(classes[Int(symbol)])])
            }
            place &+= 1
        }
        return outcomes[state] != 0
    }
}
