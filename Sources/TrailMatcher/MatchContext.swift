internal import FilterPattern
internal import JSONText

/// The working memory of one thread, and the outcome for the event it saw last.
///
/// For one thread at a time. Reused from event to event, it allocates nothing once it has seen the largest one.
public final class MatchContext {
    let matcher: TrailMatcher
    let text = IndexedText()

    /// Whether the event seen last held bytes that are no UTF-8.
    public internal(set) var wasRepaired = false

    // The event being looked at.
    var view: JSONView
    var start = 0
    var end = 0
    /// Counts events; an entry of the tables below belongs to this event when it carries this number.
    var epoch: UInt32 = 0
    var isObject = false
    var validity = Validity.unknown
    var validator = JSONValidator()
    var arena = Arena()

    enum Validity { case unknown, valid, invalid }

    // For each node of the selector tree: what was found there, and whether its members have been looked at.
    struct Found: BitwiseCopyable {
        var epoch: UInt32
        var walked: UInt32
        var start: Int32
        var end: Int32
        var kind: ValueKind
    }
    let found: ScratchArray<Found>

    let values: ScratchArray<Value>
    let valueEpochs: ScratchArray<UInt32>
    /// For each value of a wildcard selector: its places in `several`.
    let severalRanges: ScratchArray<(start: Int32, end: Int32)>
    var several: [Value] = []

    let termEpochs: ScratchArray<UInt32>
    let patternEpochs: ScratchArray<UInt32>
    var fields = MessageFields()
    var fieldsEpoch: UInt32 = 0
    var members = MemberTable()

    private let matchNumbers: ScratchArray<Int32>
    private var matchCount = 0

    public init(_ matcher: TrailMatcher) {
        self.matcher = matcher
        view = text.view()
        found = ScratchArray(matcher.tree.nodes.count, Found(epoch: 0, walked: 0, start: 0, end: 0, kind: .absent))
        values = ScratchArray(matcher.sources.count, Value(text: nil, count: 0, kind: .absent))
        valueEpochs = ScratchArray(matcher.sources.count, 0)
        severalRanges = ScratchArray(matcher.sources.count, (0, 0))
        termEpochs = ScratchArray(matcher.termCount, 0)
        patternEpochs = ScratchArray(matcher.patternCount, 0)
        matchNumbers = ScratchArray(matcher.patternCount, 0)
    }

    /// The patterns that matched, in no order. Valid until the next event.
    public var matches: UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: matchNumbers.base, count: matchCount)
    }

    // MARK: One event

    /// Looks at the bytes `start..<end` of `view`, which are well-formed UTF-8.
    func run(_ view: JSONView, _ start: Int, _ end: Int) {
        self.view = view
        self.start = start
        self.end = end
        nextEpoch()
        matchCount = 0
        validity = .unknown
        arena.reset()
        several.removeAll(keepingCapacity: true)
        isObject = matcher.readsJSON && walkEvent()
        if let terms = matcher.terms { search(terms) }
        for triggers in matcher.valueTriggers { pull(triggers) }
        let always = matcher.always
        for i in 0..<always.count { consider(Int(always.base[i])) }
    }

    private func nextEpoch() {
        if epoch == .max {
            // Once in four thousand million events the numbers begin anew.
            for i in 0...matcher.tree.nodes.count { found.base[i].epoch = 0; found.base[i].walked = 0 }
            for i in 0...matcher.sources.count { valueEpochs.base[i] = 0 }
            for i in 0...matcher.termCount { termEpochs.base[i] = 0 }
            for i in 0...matcher.patternCount { patternEpochs.base[i] = 0 }
            fieldsEpoch = 0
            epoch = 0
        }
        epoch &+= 1
    }

    private func search(_ terms: SubstringSet) {
        let triggers = matcher.termTriggers.base
        let epochs = termEpochs.base
        terms.search(view.bytes + start, end &- start) { term in
            if epochs[term] == epoch { return }
            epochs[term] = epoch
            if triggers[term] >= 0 { fire(Int(triggers[term])) }
        }
        // The patterns fired above may ask for terms that stand later in the message: they are evaluated below.
        flush()
    }

    private var pending: [Int32] = []

    /// Notes the patterns of a trigger; they are evaluated by `flush`.
    @inline(__always)
    private func fire(_ trigger: Int) {
        let lists = matcher.triggerLists
        var next = Int(lists.starts.base[trigger])
        let last = Int(lists.starts.base[trigger &+ 1])
        while next < last {
            let pattern = lists.patterns.base[next]
            if patternEpochs.base[Int(pattern)] != epoch {
                patternEpochs.base[Int(pattern)] = epoch
                pending.append(pattern)
            }
            next &+= 1
        }
    }

    private func flush() {
        if pending.isEmpty { return }
        for i in 0..<pending.count { evaluate(Int(pending[i])) }
        pending.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func consider(_ pattern: Int) {
        if patternEpochs.base[pattern] == epoch { return }
        patternEpochs.base[pattern] = epoch
        evaluate(pattern)
    }

    private func pull(_ triggers: ValueTriggers) {
        let value: Value
        if valueIsSeveral(triggers.value) {
            if triggers.present >= 0, !severalValues(triggers.value).isEmpty { fire(triggers.present) }
            flush()
            return
        }
        value = self.value(triggers.value)
        if value.kind == .absent { return }
        if triggers.present >= 0 { fire(triggers.present) }
        if value.kind.hasText, let text = value.text {
            let count = Int(value.count)
            if let table = triggers.texts {
                let trigger = table.find(text, count, space: 0)
                if trigger >= 0 { fire(trigger) }
            }
            if let table = triggers.numbers, value.kind == .number || value.kind == .field {
                pullNumber(table, text, count)
            }
            if let prefixes = triggers.prefixes { prefixes.search(text, count) { fire($0) } }
            if let suffixes = triggers.suffixes { suffixes.search(text, count) { fire($0) } }
            if let substrings = triggers.substrings {
                let numbers = triggers.substringTriggers.base
                substrings.search(text, count) { fire(Int(numbers[$0])) }
            }
        }
        flush()
    }

    private func pullNumber(_ table: ByteTable, _ text: UnsafePointer<UInt8>, _ count: Int) {
        guard let number = NumberText(text, count) else { return }
        let buffer = arena.allocate(count + 9)
        let length = number.writeCanonical(buffer)
        let trigger = table.find(buffer, length, space: 0)
        if trigger >= 0 { fire(trigger) }
    }

    private func evaluate(_ pattern: Int) {
        var place = matcher.starts.base[pattern]
        repeat {
            let instruction = matcher.instructions.base[Int(place)]
            place = test(instruction) ? instruction.onTrue : instruction.onFalse
        } while place >= 0
        guard place == Instruction.match else { return }
        if matcher.isJSON.base[pattern], !isValidObject() { return }
        matchNumbers.base[matchCount] = Int32(truncatingIfNeeded: pattern)
        matchCount &+= 1
    }

    /// Whether the event is JSON through and through. Asked only once something seems to match: the walk skips what
    /// no pattern names, and would not see a fault there.
    private func isValidObject() -> Bool {
        if validity == .unknown {
            let event = UnsafeRawBufferPointer(start: view.bytes + start, count: end - start)
            validity = validator.isObject(event) ? .valid : .invalid
        }
        return validity == .valid
    }
}
