public import FilterPattern

/// Many filter patterns as one machine: one pass over an event says which of them match.
///
/// An event costs what it holds of what the patterns name, whatever their number: values are looked up in tables of
/// all texts that some pattern compares them with, and only patterns whose trigger was found are evaluated.
///
/// Immutable, so any number of threads may share one; each needs a `MatchContext` of its own.
public final class TrailMatcher: @unchecked Sendable {
    /// How many patterns there are. A match is reported by the place of the pattern in the list given to `init`.
    public let patternCount: Int

    let patterns: [FilterPattern]
    let sources: [ValueSource]
    /// The expressions that have no table, by number.
    let automata: [Int: Automaton]
    let machine: UnsafeMutablePointer<Machine>
    private let pool: MemoryPool

    /// Compiles patterns. The time is linear in their total length, but for regular expressions, each of which may
    /// take up to some milliseconds.
    ///
    /// - Parameter captures: values to be found in every event besides; selectors without wildcards.
    public init(_ patterns: [FilterPattern], captures: [Selector] = []) {
        var compiler = Compiler()
        for pattern in patterns { compiler.add(pattern) }
        let captureNumbers = captures.map { Int32(compiler.number(of: $0)) }
        let pool = MemoryPool()
        self.pool = pool
        self.patterns = patterns
        patternCount = patterns.count
        sources = compiler.sources
        let automata = compiler.regexes.map { Automaton($0) }
        let regexes = automata.map { RegexMachine($0, in: pool) }
        self.automata = Dictionary(
            uniqueKeysWithValues: automata.indices.filter { regexes[$0] == nil }.map { ($0, automata[$0]) })
        machine = .allocate(capacity: 1)
        machine.initialize(to: Machine(compiler, regexes, captureNumbers, in: pool))
    }

    deinit { machine.deallocate() }
}

/// The tables of a machine: pointers into its pool, and nothing else.
struct Machine: BitwiseCopyable {
    let instructions: UnsafePointer<Instruction>
    /// For each pattern its first instruction, and whether it holds only of JSON objects.
    let starts: UnsafePointer<Int32>
    let isJSON: UnsafePointer<Bool>
    let tree: SelectorTree
    /// For each value its node, or -1 for a field, or -2 for a wildcard selector.
    let valueNodes: UnsafePointer<Int32>
    let fieldPlaces: UnsafePointer<FieldPlace>
    let texts: UnsafePointer<(offset: Int32, count: Int32)>
    let textBytes: UnsafePointer<UInt8>
    let numbers: UnsafePointer<NumberConstant>
    let regexes: UnsafePointer<RegexMachine?>
    let terms: UnsafePointer<SubstringSet>?
    let termCount: Int
    /// For each term its trigger, or -1.
    let termTriggers: UnsafePointer<Int32>
    let valueTriggers: UnsafePointer<ValueTriggers>
    let valueTriggerCount: Int
    let triggerLists: TriggerLists
    let always: UnsafePointer<Int32>
    let alwaysCount: Int
    let captureValues: UnsafePointer<Int32>
    /// Whether a pattern or capture looks into JSON.
    let readsJSON: Bool

    static let fieldNode: Int32 = -1
    static let wildcardNode: Int32 = -2

    init(_ compiler: Compiler, _ regexes: [RegexMachine?], _ captures: [Int32], in pool: MemoryPool) {
        let (lists, always) = compiler.chooseTriggers()
        instructions = pool.array(compiler.instructions)
        starts = pool.array(compiler.starts)
        isJSON = pool.array(compiler.isJSON)
        valueNodes = pool.array(
            compiler.sources.map { source in
                switch source {
                case .node(let node): Int32(node)
                case .field: Self.fieldNode
                case .paths: Self.wildcardNode
                }
            })
        fieldPlaces = pool.array(
            compiler.sources.map { source in
                if case .field(let place) = source { place } else { FieldPlace.fromStart(0) }
            })
        var places: [(offset: Int32, count: Int32)] = []
        var blob: [UInt8] = []
        for text in compiler.texts {
            places.append((Int32(blob.count), Int32(text.count)))
            blob += text
        }
        texts = pool.array(places)
        textBytes = pool.array(blob, padding: 16, filler: 0)
        numbers = pool.array(compiler.numbers.map { NumberConstant($0, in: pool) })
        self.regexes = pool.array(regexes)
        termCount = compiler.terms.count
        terms = compiler.terms.isEmpty ? nil : pool.value(SubstringSet(compiler.terms, in: pool))

        var termTriggers = [Int32](repeating: -1, count: compiler.terms.count)
        var byValue: [Int: [(trigger: Trigger, number: Int)]] = [:]
        for (number, trigger) in compiler.triggers.enumerated() where !lists[number].isEmpty {
            switch trigger {
            case .term(let term): termTriggers[term] = Int32(number)
            case .text(let value, _), .prefix(let value, _), .suffix(let value, _), .substring(let value, _),
                .number(let value, _), .present(let value):
                byValue[value, default: []].append((trigger, number))
            }
        }
        self.termTriggers = pool.array(termTriggers)
        let wanted = byValue.keys.compactMap { value in
            if case .node(let node) = compiler.sources[value] { node } else { nil }
        }
        tree = SelectorTree(compiler.tree, wanted: Set(wanted), in: pool)
        valueTriggers = pool.array(
            byValue.sorted { $0.key < $1.key }.map { ValueTriggers(value: $0.key, $0.value, in: pool) })
        valueTriggerCount = byValue.count
        triggerLists = TriggerLists(lists, in: pool)
        self.always = pool.array(always)
        alwaysCount = always.count
        captureValues = pool.array(captures)
        readsJSON = compiler.isJSON.contains(true) || !captures.isEmpty
    }
}
