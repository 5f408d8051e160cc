public import FilterPattern
public import JSONText

/// Many filter patterns as one machine: one pass over an event says which of them match.
///
/// An event costs what it holds of what the patterns name, whatever their number: values are looked up in tables of
/// all texts that some pattern compares them with, and only patterns whose trigger was found are evaluated.
///
/// Immutable, so any number of threads may share one; each needs a `MatchContext` of its own.
public final class TrailMatcher: Sendable {
    /// How many patterns there are. A match is reported by the place of the pattern in the list given to `init`.
    public let patternCount: Int

    let patterns: [FilterPattern]
    let instructions: FrozenArray<Instruction>
    let starts: FrozenArray<Int32>
    let isJSON: FrozenArray<Bool>
    let tree: SelectorTree
    /// For each value its node, or -1 when it is found otherwise.
    let valueNodes: FrozenArray<Int32>
    let sources: [ValueSource]
    let texts: FrozenArray<(offset: Int32, count: Int32)>
    let textBytes: FrozenArray<UInt8>
    let numbers: [NumberConstant]
    let regexes: [RegexMachine]
    let terms: SubstringSet?
    let termCount: Int
    /// For each term its trigger, or -1.
    let termTriggers: FrozenArray<Int32>
    let valueTriggers: [ValueTriggers]
    let triggerLists: TriggerLists
    let always: FrozenArray<Int32>
    let captureValues: FrozenArray<Int32>
    /// Whether a pattern or capture looks into JSON; and so on.
    let readsJSON: Bool
    let readsFields: Bool

    /// Compiles patterns. The time is linear in their total length, but for regular expressions, each of which may
    /// take up to some milliseconds.
    ///
    /// - Parameter captures: values to be found in every event besides; selectors without wildcards.
    public init(_ patterns: [FilterPattern], captures: [Selector] = []) {
        var compiler = Compiler()
        for pattern in patterns { compiler.add(pattern) }
        let captureNumbers = captures.map { Int32(compiler.number(of: $0)) }
        let (lists, always) = compiler.chooseTriggers()

        self.patterns = patterns
        patternCount = patterns.count
        instructions = FrozenArray(compiler.instructions)
        starts = FrozenArray(compiler.starts)
        isJSON = FrozenArray(compiler.isJSON)
        tree = SelectorTree(compiler.tree)
        sources = compiler.sources
        valueNodes = FrozenArray(
            compiler.sources.map { source in
                if case .node(let node) = source { Int32(node) } else { -1 }
            })
        var places: [(offset: Int32, count: Int32)] = []
        var blob: [UInt8] = []
        for text in compiler.texts {
            places.append((Int32(blob.count), Int32(text.count)))
            blob += text
        }
        texts = FrozenArray(places)
        textBytes = FrozenArray(blob, padding: 16, filler: 0)
        numbers = compiler.numbers
        regexes = compiler.regexes
        terms = compiler.terms.isEmpty ? nil : SubstringSet(compiler.terms)
        termCount = compiler.terms.count

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
        self.termTriggers = FrozenArray(termTriggers)
        valueTriggers = byValue.sorted { $0.key < $1.key }.map { ValueTriggers(value: $0.key, $0.value) }
        triggerLists = TriggerLists(lists)
        self.always = FrozenArray(always)
        captureValues = FrozenArray(captureNumbers)
        readsJSON = compiler.isJSON.contains(true) || !captures.isEmpty
        readsFields = compiler.instructions.contains { $0.operation == .hasFields }
    }
}

extension MatchContext {
    /// Finds the patterns that match an event; they are in `matches` afterwards.
    ///
    /// Bytes that are no UTF-8 are read as U+FFFD, as every decoder that repairs text does, so a broken byte can't
    /// hide an event.
    public func match(_ event: UnsafeRawBufferPointer) {
        text.replace(with: event)
        let view = text.view()
        match(0..<event.count, of: view, mayHoldHighBytes: text.hasHighBytes)
    }

    /// The same for an event that is a part of an indexed text and need not be copied.
    ///
    /// - Parameter mayHoldHighBytes: false when all bytes are known to be ASCII.
    public func match(_ range: Range<Int>, of view: JSONView, mayHoldHighBytes: Bool) {
        wasRepaired = false
        if mayHoldHighBytes {
            let event = UnsafeRawBufferPointer(start: view.bytes + range.lowerBound, count: range.count)
            if UTF8Text.fault(event) != nil {
                wasRepaired = true
                let repaired = Array(String(decoding: event, as: UTF8.self).utf8)
                repaired.withUnsafeBytes { text.replace(with: $0) }
                run(text.view(), 0, repaired.count)
                return
            }
        }
        run(view, range.lowerBound, range.upperBound)
    }
}
