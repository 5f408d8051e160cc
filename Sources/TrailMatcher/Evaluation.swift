internal import FilterPattern
internal import JSONText

extension EventMatcher {
    /// Whether one test of a pattern holds.
    @inline(__always)
    func test(_ instruction: Instruction) -> Bool {
        switch instruction.operation {
        case .always: return !instruction.isNegated
        case .isObject: return state.pointee.isObject
        case .hasFields: return splitFields() >= Int(instruction.subject)
        case .messageContains:
            return (state.pointee.termEpochs.base[Int(instruction.subject)] == state.pointee.epoch)
                != instruction.isNegated
        case .messageMatchesRegex:
            let start = state.pointee.start
            return matches(Int(instruction.operand), state.pointee.view.bytes + start, state.pointee.end &- start)
                != instruction.isNegated
        default:
            let subject = Int(instruction.subject)
            if machine.pointee.valueNodes[subject] == Machine.wildcardNode {
                let values = severalValues(subject)
                if instruction.operation == .notExists { return values.isEmpty }
                for i in values { if holds(instruction, state.pointee.several.base[i]) { return true } }
                return false
            }
            return holds(instruction, value(subject))
        }
    }

    /// Whether a test holds of one value. The table of section 6 of the language: an absent value, an object and an
    /// array fail every comparison, the negated ones too.
    func holds(_ instruction: Instruction, _ value: Value) -> Bool {
        switch instruction.operation {
        case .notExists: return value.kind == .absent
        case .isNull: return value.kind == .null
        case .isTrue: return value.kind == .true
        case .isFalse: return value.kind == .false
        default: break
        }
        guard value.kind.hasText, let text = value.text else { return false }
        return compares(instruction, value.kind, text, Int(value.count)) != instruction.isNegated
    }

    @inline(__always)
    private func compares(
        _ instruction: Instruction, _ kind: ValueKind, _ text: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        let operand = Int(instruction.operand)
        switch instruction.operation {
        case .equalsText:
            let constant = machine.pointee.texts[operand]
            return Int(constant.count) == count && equal(machine.pointee.textBytes + Int(constant.offset), text, count)
        case .hasPrefix:
            let constant = machine.pointee.texts[operand]
            return Int(constant.count) <= count
                && equal(machine.pointee.textBytes + Int(constant.offset), text, Int(constant.count))
        case .hasSuffix:
            let constant = machine.pointee.texts[operand]
            let rest = count &- Int(constant.count)
            return rest >= 0
                && equal(machine.pointee.textBytes + Int(constant.offset), text + rest, Int(constant.count))
        case .containsText:
            let constant = machine.pointee.texts[operand]
            return UTF8Text.find(
                machine.pointee.textBytes + Int(constant.offset), Int(constant.count), in: text, count) != nil
        case .isAnything: return true
        case .matchesRegex: return matches(operand, text, count)
        case .equalsNumber:
            if kind == .number || kind == .field {
                guard let number = NumberText(text, count) else { return false }
                return number.compared(to: machine.pointee.numbers[operand]) == 0
            }
            guard kind == .string else { return false }
            let constant = machine.pointee.texts[operand]
            return Int(constant.count) == count && equal(machine.pointee.textBytes + Int(constant.offset), text, count)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard kind == .number || kind == .field, let number = NumberText(text, count) else { return false }
            let order = number.compared(to: machine.pointee.numbers[operand])
            switch instruction.operation {
            case .less: return order < 0
            case .lessOrEqual: return order <= 0
            case .greater: return order > 0
            default: return order >= 0
            }
        default: return false
        }
    }

    private func matches(_ regex: Int, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if let table = machine.pointee.regexes[regex] { return table.matches(text, count) }
        return owner._withUnsafeGuaranteedRef { $0.automata[regex]?.matches(text, count) ?? false }
    }

    // MARK: Values

    /// The value of that number in this event.
    @inline(__always)
    func value(_ number: Int) -> Value {
        if state.pointee.valueEpochs.base[number] == state.pointee.epoch { return state.pointee.values.base[number] }
        let node = Int(machine.pointee.valueNodes[number])
        let value = node >= 0 ? value(ofNode: node) : fieldValue(number)
        state.pointee.values.base[number] = value
        state.pointee.valueEpochs.base[number] = state.pointee.epoch
        return value
    }

    /// The value of that number where it is a string without escapes that the walk has come by, as nearly all are; it is
    /// not kept. Nil text where it is anything else.
    @inline(__always)
    func plainString(_ number: Int) -> (text: UnsafePointer<UInt8>?, count: Int) {
        let node = Int(machine.pointee.valueNodes[number])
        guard node >= 0, state.pointee.isObject else { return (nil, 0) }
        let entry = state.pointee.found.base + node
        guard entry.pointee.epoch == state.pointee.epoch, entry.pointee.kind == .string else { return (nil, 0) }
        let first = Int(entry.pointee.start) &+ 1
        let last = Int(entry.pointee.end) &- 1
        let view = state.pointee.view
        return view.hasBackslash(first, last) ? (nil, 0) : (view.bytes + first, last &- first)
    }

    private func value(ofNode node: Int) -> Value {
        guard state.pointee.isObject, resolve(node) else { return Value(text: nil, count: 0, kind: .absent) }
        let entry = state.pointee.found.base[node]
        return read(entry.kind, Int(entry.start), Int(entry.end))
    }

    /// The value that stands at `start..<end`, its escapes resolved.
    @inline(__always)
    func read(_ kind: ValueKind, _ start: Int, _ end: Int) -> Value {
        let view = state.pointee.view
        guard kind == .string else {
            return Value(text: view.bytes + start, count: Int32(truncatingIfNeeded: end &- start), kind: kind)
        }
        let first = start &+ 1
        let last = end &- 1
        guard view.hasBackslash(first, last) else {
            return Value(text: view.bytes + first, count: Int32(truncatingIfNeeded: last &- first), kind: kind)
        }
        return decode(first, last)
    }

    private func decode(_ first: Int, _ last: Int) -> Value {
        let source = UnsafeRawBufferPointer(start: state.pointee.view.bytes + first, count: last - first)
        let target = state.pointee.arena.allocate(last - first)
        let count = JSONString.decode(source, into: target)
        return Value(text: target, count: Int32(truncatingIfNeeded: count), kind: .string)
    }

    private func fieldValue(_ number: Int) -> Value {
        _ = splitFields()
        let place = machine.pointee.fieldPlaces[number]
        guard let range = state.pointee.fields.range(place, messageEnd: state.pointee.end) else {
            return Value(text: nil, count: 0, kind: .absent)
        }
        let bytes = state.pointee.view.bytes
        var last = range.upperBound
        // A line keeps its end when it is extracted, but is compared without it.
        while last > range.lowerBound, bytes[last - 1] == 0x0A || bytes[last - 1] == 0x0D { last -= 1 }
        return Value(
            text: bytes + range.lowerBound, count: Int32(truncatingIfNeeded: last - range.lowerBound), kind: .field)
    }

    /// Cuts the message into fields, once for an event, and gives their number.
    func splitFields() -> Int {
        if state.pointee.fieldsEpoch != state.pointee.epoch {
            state.pointee.fields.split(state.pointee.view.bytes, state.pointee.start, state.pointee.end)
            state.pointee.fieldsEpoch = state.pointee.epoch
        }
        return state.pointee.fields.count
    }
}
