internal import JSONText

/// The work on one event: the machine's tables, and the state of the thread.
///
/// Two pointers and an unowned reference: nothing here is counted or checked at run time. Invariant: both outlive it,
/// since a `MatchContext` holds it together with the matcher.
struct EventMatcher {
    let machine: UnsafePointer<Machine>
    let state: UnsafeMutablePointer<EventState>
    /// For what is rare and kept in Swift's own collections.
    let owner: Unmanaged<TrailMatcher>

    /// Looks at the bytes `start..<end` of `view`, which are well-formed UTF-8.
    func run(_ view: JSONView, _ start: Int, _ end: Int) {
        state.pointee.begin(view, start, end)
        state.pointee.isObject = machine.pointee.readsJSON && walkEvent() > 0
        decide()
    }

    /// Walks over the object at `start` of `view`, which ends before `limit`, and gives its end; -1 when it does not,
    /// or is broken. `decide` does the rest.
    func walk(_ view: JSONView, _ start: Int, _ limit: Int) -> Int {
        state.pointee.begin(view, start, limit)
        let end = walkEvent()
        state.pointee.isObject = end > 0
        state.pointee.end = end
        return end
    }

    /// Finds the patterns that match what was walked over.
    func decide() {
        if let terms = machine.pointee.terms { search(terms) }
        for i in 0..<machine.pointee.valueTriggerCount { pull(machine.pointee.valueTriggers + i) }
        let always = machine.pointee.always
        for i in 0..<machine.pointee.alwaysCount { evaluate(Int(always[i])) }
    }

    // MARK: Triggers

    private func search(_ terms: UnsafePointer<SubstringSet>) {
        let triggers = machine.pointee.termTriggers
        let epochs = state.pointee.termEpochs.base
        let epoch = state.pointee.epoch
        let start = state.pointee.start
        terms.pointee.search(state.pointee.view.bytes + start, state.pointee.end &- start) { term in
            if epochs[term] == epoch { return }
            epochs[term] = epoch
            if triggers[term] >= 0 { fire(Int(triggers[term])) }
        }
        // Only now, since a pattern fired early may ask for a term that stands late.
        flush()
    }

    /// Notes the patterns of a trigger; `flush` evaluates them.
    @inline(__always)
    private func fire(_ trigger: Int) {
        let lists = machine.pointee.triggerLists
        let epochs = state.pointee.patternEpochs.base
        let epoch = state.pointee.epoch
        var next = Int(lists.starts[trigger])
        let last = Int(lists.starts[trigger &+ 1])
        while next < last {
            let pattern = lists.patterns[next]
            if epochs[Int(pattern)] != epoch {
                epochs[Int(pattern)] = epoch
                state.pointee.pending.append(pattern)
            }
            next &+= 1
        }
    }

    @inline(__always)
    private func flush() {
        if state.pointee.pending.count == 0 { return }
        for i in 0..<state.pointee.pending.count { evaluate(Int(state.pointee.pending.base[i])) }
        state.pointee.pending.removeAll()
    }

    private func pull(_ triggers: UnsafePointer<ValueTriggers>) {
        let number = triggers.pointee.value
        if machine.pointee.valueNodes[number] == Machine.wildcardNode {
            if triggers.pointee.present >= 0, !severalValues(number).isEmpty { fire(triggers.pointee.present) }
            flush()
            return
        }
        let plain = plainString(number)
        if let text = plain.text {
            pull(triggers, text, plain.count)
        } else {
            let value = value(number)
            if value.kind == .absent { return }
            if value.kind.hasText, let text = value.text {
                let count = Int(value.count)
                pull(triggers, text, count)
                if let table = triggers.pointee.numbers, value.kind == .number || value.kind == .field {
                    pullNumber(table, text, count)
                }
            } else if triggers.pointee.present >= 0 {
                fire(triggers.pointee.present)
            }
        }
        flush()
    }

    /// Notes the patterns whose triggers are found in the text of a value.
    @inline(__always)
    private func pull(_ triggers: UnsafePointer<ValueTriggers>, _ text: UnsafePointer<UInt8>, _ count: Int) {
        if triggers.pointee.present >= 0 { fire(triggers.pointee.present) }
        if let table = triggers.pointee.texts {
            let trigger = table.pointee.find(text, count, space: 0)
            if trigger >= 0 { fire(trigger) }
        }
        if let prefixes = triggers.pointee.prefixes { prefixes.pointee.search(text, count) { fire($0) } }
        if let suffixes = triggers.pointee.suffixes { suffixes.pointee.search(text, count) { fire($0) } }
        if let substrings = triggers.pointee.substrings {
            let numbers = triggers.pointee.substringTriggers
            substrings.pointee.search(text, count) { fire(Int(numbers[$0])) }
        }
    }

    private func pullNumber(_ table: UnsafePointer<ByteTable>, _ text: UnsafePointer<UInt8>, _ count: Int) {
        guard let number = NumberText(text, count) else { return }
        let buffer = state.pointee.arena.allocate(count + 9)
        let length = number.writeCanonical(buffer)
        let trigger = table.pointee.find(buffer, length, space: 0)
        if trigger >= 0 { fire(trigger) }
    }

    // MARK: Patterns

    private func evaluate(_ pattern: Int) {
        var place = machine.pointee.starts[pattern]
        repeat {
            let instruction = machine.pointee.instructions[Int(place)]
            place = test(instruction) ? instruction.onTrue : instruction.onFalse
        } while place >= 0
        guard place == Instruction.match else { return }
        if machine.pointee.isJSON[pattern], !isValidObject() { return }
        state.pointee.matches.append(Int32(truncatingIfNeeded: pattern))
    }

    /// Whether the event is JSON through and through. Asked only once something seems to match: the walk skips what
    /// no pattern names, and would not see a fault there.
    private func isValidObject() -> Bool {
        if state.pointee.validity == .unknown {
            let range = state.pointee.start..<state.pointee.end
            let isValid = state.pointee.validator.isObject(range, of: state.pointee.view)
            state.pointee.validity = isValid ? .valid : .invalid
        }
        return state.pointee.validity == .valid
    }
}
