public import JSONText

/// The working memory of one thread, and the outcome for the event it saw last.
///
/// For one thread at a time. Reused from event to event, it allocates nothing once it has seen the largest one.
public final class MatchContext {
    let matcher: TrailMatcher
    let event: EventMatcher
    private let text = IndexedText()

    /// Whether the event seen last held bytes that are no UTF-8.
    public var wasRepaired: Bool { event.state.pointee.wasRepaired }

    public init(_ matcher: TrailMatcher) {
        self.matcher = matcher
        let state = UnsafeMutablePointer<EventState>.allocate(capacity: 1)
        state.initialize(to: EventState(matcher, text.view()))
        event = EventMatcher(machine: UnsafePointer(matcher.machine), state: state, owner: .passUnretained(matcher))
    }

    deinit {
        event.state.deinitialize(count: 1)
        event.state.deallocate()
    }

    /// Finds the patterns that match an event; they are in `matches` afterwards.
    ///
    /// Bytes that are no UTF-8 are read as U+FFFD, as every decoder that repairs text does, so a broken byte can't
    /// hide an event.
    public func match(_ event: UnsafeRawBufferPointer) {
        text.replace(with: event)
        let view = text.view()
        match(0..<event.count, of: view)
    }

    /// The same for an event that is a part of an indexed text and need not be copied.
    public func match(_ range: Range<Int>, of view: JSONView) {
        event.state.pointee.wasRepaired = false
        if view.mayHoldHighByte(range.lowerBound, range.upperBound) {
            let bytes = UnsafeRawBufferPointer(start: view.bytes + range.lowerBound, count: range.count)
            if UTF8Text.fault(bytes) != nil {
                event.state.pointee.wasRepaired = true
                let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
                repaired.withUnsafeBytes { text.replace(with: $0) }
                event.run(text.view(), 0, repaired.count)
                return
            }
        }
        event.run(view, range.lowerBound, range.upperBound)
    }

    /// The same for an object that begins at `start` and ends where its braces close: one walk finds the end as well.
    ///
    /// - Parameter limit: where it must have ended.
    /// - Returns: its end; -1 when it is not whole or its structure is broken, and then nothing was matched.
    public func match(objectAt start: Int, of view: JSONView, limit: Int) -> Int {
        let end = event.walk(view, start, limit)
        guard end > 0 else { return -1 }
        event.state.pointee.wasRepaired = false
        if view.mayHoldHighByte(start, end),
            UTF8Text.fault(UnsafeRawBufferPointer(start: view.bytes + start, count: end - start)) != nil
        {
            match(start..<end, of: view)
        } else {
            event.decide()
        }
        return end
    }

    /// The patterns that matched the event seen last, in no order. Valid until the next event.
    public var matches: UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: event.state.pointee.matches.base, count: event.state.pointee.matches.count)
    }
}

/// What is known of the event being looked at, and the memory for it.
struct EventState: ~Copyable {
    var view: JSONView
    var start = 0
    var end = 0
    /// Counts events; an entry of the tables below belongs to this event when it carries this number.
    var epoch: UInt32 = 0
    var isObject = false
    /// Here and not in `MatchContext`, whose members are checked for overlapping use at every access.
    var wasRepaired = false
    var validity = Validity.unknown
    var validator = JSONValidator()
    var arena = Arena()

    enum Validity: UInt8 { case unknown, valid, invalid }

    /// What was found at a node of the selector tree, and for which event its members were looked at.
    struct Found: BitwiseCopyable {
        var epoch: UInt32
        var walked: UInt32
        var start: Int32
        var end: Int32
        var kind: ValueKind
    }
    let found: ScratchArray<Found>
    var keys: KeyMemory
    /// Whether an object that was looked into stands beside another member of the same key.
    var hasRepeatedParent = false

    let values: ScratchArray<Value>
    let valueEpochs: ScratchArray<UInt32>
    /// What wildcard selectors found, and for each of them its places there.
    var several = ScratchList<Value>()
    let severalRanges: ScratchArray<(start: Int32, end: Int32)>
    var members = MemberTable()

    let termEpochs: ScratchArray<UInt32>
    let patternEpochs: ScratchArray<UInt32>
    /// Patterns whose trigger was found and that are still to be evaluated.
    var pending = ScratchList<Int32>()
    var matches = ScratchList<Int32>()
    var fields = MessageFields()
    var fieldsEpoch: UInt32 = 0

    init(_ matcher: TrailMatcher, _ view: JSONView) {
        self.view = view
        let machine = matcher.machine.pointee
        found = ScratchArray(machine.tree.nodeCount, Found(epoch: 0, walked: 0, start: 0, end: 0, kind: .absent))
        keys = KeyMemory(nodeCount: machine.tree.nodeCount)
        values = ScratchArray(matcher.sources.count, Value(text: nil, count: 0, kind: .absent))
        valueEpochs = ScratchArray(matcher.sources.count, 0)
        severalRanges = ScratchArray(matcher.sources.count, (0, 0))
        termEpochs = ScratchArray(machine.termCount, 0)
        patternEpochs = ScratchArray(matcher.patternCount, 0)
    }

    mutating func begin(_ view: JSONView, _ start: Int, _ end: Int) {
        self.view = view
        self.start = start
        self.end = end
        // Room for the second walk of one event.
        if epoch >= .max - 1 { restartEpochs() }
        epoch &+= 1
        validity = .unknown
        arena.reset()
        several.removeAll()
        matches.removeAll()
    }

    /// Once in four thousand million events the numbers begin anew.
    private mutating func restartEpochs() {
        for i in 0..<found.count {
            found.base[i].epoch = 0
            found.base[i].walked = 0
        }
        valueEpochs.base.update(repeating: 0, count: valueEpochs.count)
        termEpochs.base.update(repeating: 0, count: termEpochs.count)
        patternEpochs.base.update(repeating: 0, count: patternEpochs.count)
        fieldsEpoch = 0
        epoch = 0
    }
}
