internal import FilterPattern
internal import JSONText

extension MatchContext {
    /// Whether one test of a pattern holds.
    @inline(__always)
    func test(_ instruction: Instruction) -> Bool {
        switch instruction.operation {
        case .always: return !instruction.isNegated
        case .isObject: return isObject
        case .hasFields: return splitFields().count >= Int(instruction.subject)
        case .messageContains:
            return (termEpochs.base[Int(instruction.subject)] == epoch) != instruction.isNegated
        case .messageMatchesRegex:
            return matcher.regexes[Int(instruction.operand)].matches(view.bytes + start, end &- start)
                != instruction.isNegated
        default:
            let subject = Int(instruction.subject)
            if valueIsSeveral(subject) {
                let values = severalValues(subject)
                if instruction.operation == .notExists { return values.isEmpty }
                for i in values { if holds(instruction, several[i]) { return true } }
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
            let constant = matcher.texts.base[operand]
            return Int(constant.count) == count && equal(matcher.textBytes.base + Int(constant.offset), text, count)
        case .hasPrefix:
            let constant = matcher.texts.base[operand]
            return Int(constant.count) <= count
                && equal(matcher.textBytes.base + Int(constant.offset), text, Int(constant.count))
        case .hasSuffix:
            let constant = matcher.texts.base[operand]
            let rest = count &- Int(constant.count)
            return rest >= 0 && equal(matcher.textBytes.base + Int(constant.offset), text + rest, Int(constant.count))
        case .containsText:
            let constant = matcher.texts.base[operand]
            return UTF8Text.find(
                matcher.textBytes.base + Int(constant.offset), Int(constant.count), in: text, count) != nil
        case .isAnything: return true
        case .matchesRegex: return matcher.regexes[operand].matches(text, count)
        case .equalsNumber:
            if kind == .number || kind == .field {
                guard let number = NumberText(text, count) else { return false }
                return number.compared(to: matcher.numbers[operand]) == 0
            }
            guard kind == .string else { return false }
            let constant = matcher.texts.base[operand]
            return Int(constant.count) == count && equal(matcher.textBytes.base + Int(constant.offset), text, count)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard kind == .number || kind == .field, let number = NumberText(text, count) else { return false }
            let order = number.compared(to: matcher.numbers[operand])
            switch instruction.operation {
            case .less: return order < 0
            case .lessOrEqual: return order <= 0
            case .greater: return order > 0
            default: return order >= 0
            }
        default: return false
        }
    }

    // MARK: Values

    @inline(__always)
    func valueIsSeveral(_ number: Int) -> Bool {
        if matcher.valueNodes.base[number] >= 0 { return false }
        if case .paths = matcher.sources[number] { return true }
        return false
    }

    /// The value of that number in this event.
    @inline(__always)
    func value(_ number: Int) -> Value {
        if valueEpochs.base[number] == epoch { return values.base[number] }
        let node = Int(matcher.valueNodes.base[number])
        let value = node >= 0 ? value(ofNode: node) : fieldValue(number)
        values.base[number] = value
        valueEpochs.base[number] = epoch
        return value
    }

    private func value(ofNode node: Int) -> Value {
        guard isObject, resolve(node) else { return Value(text: nil, count: 0, kind: .absent) }
        let entry = found.base[node]
        return read(entry.kind, Int(entry.start), Int(entry.end))
    }

    /// The value that stands at `start..<end`, its escapes resolved.
    func read(_ kind: ValueKind, _ start: Int, _ end: Int) -> Value {
        guard kind == .string else {
            return Value(text: view.bytes + start, count: Int32(truncatingIfNeeded: end &- start), kind: kind)
        }
        let first = start &+ 1
        let last = end &- 1
        guard view.hasBackslash(first, last) else {
            return Value(text: view.bytes + first, count: Int32(truncatingIfNeeded: last &- first), kind: kind)
        }
        let source = UnsafeRawBufferPointer(start: view.bytes + first, count: last - first)
        let target = arena.allocate(last - first)
        let count = JSONString.decode(source, into: target)
        return Value(text: target, count: Int32(truncatingIfNeeded: count), kind: kind)
    }

    private func fieldValue(_ number: Int) -> Value {
        let absent = Value(text: nil, count: 0, kind: .absent)
        guard case .field(let place) = matcher.sources[number] else { return absent }
        let fields = splitFields()
        guard let range = fields.range(place, messageEnd: end) else { return absent }
        var last = range.upperBound
        // A line keeps its end when it is extracted, but is compared without it.
        while last > range.lowerBound, view.bytes[last - 1] == 0x0A || view.bytes[last - 1] == 0x0D { last -= 1 }
        return Value(
            text: view.bytes + range.lowerBound, count: Int32(truncatingIfNeeded: last - range.lowerBound), kind: .field)
    }

    /// The message cut into fields, once for an event.
    func splitFields() -> MessageFields {
        if fieldsEpoch != epoch {
            fields.split(view.bytes, start, end)
            fieldsEpoch = epoch
        }
        return fields
    }
}
