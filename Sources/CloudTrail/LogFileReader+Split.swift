internal import JSONText

extension LogFileReader {
    /// Hands on the records that stand complete in the text. False when nothing more is wanted of the file.
    func split(atEnd: Bool, _ consumer: any RecordConsumer) -> Bool {
        var view = text.view()
        var advanced = true
        while advanced {
            if faultCount >= Self.maximumFaults { mode = .done }
            switch mode {
            case .top: advanced = readTop(&view, atEnd: atEnd, consumer)
            case .records: advanced = readRecords(view, atEnd: atEnd, consumer)
            case .afterRecords(let depth): advanced = readAfterRecords(view, depth: depth, atEnd: atEnd, consumer)
            case .skippingLine: advanced = skipLine(&view, atEnd: atEnd)
            case .skipping(let depth, let start, let inRecords):
                advanced = skip(view, depth: depth, start: start, inRecords: inRecords, atEnd: atEnd, consumer)
            case .searching: advanced = search(&view)
            case .done: return false
            }
        }
        if atEnd, mode == .records { report(.truncated, at: view.count, consumer) }
        return true
    }

    func report(_ reason: LogFault.Reason, at position: Int, _ consumer: any RecordConsumer) {
        faultCount += 1
        if faultCount == Self.maximumFaults {
            consumer.report(LogFault(path: path, offset: base + position, reason: .tooManyFaults))
        } else if faultCount < Self.maximumFaults {
            consumer.report(LogFault(path: path, offset: base + position, reason: reason))
        }
    }

    private func pass(_ range: Range<Int>, of view: JSONView, _ consumer: any RecordConsumer) {
        guard range.count <= Self.maximumRecord else {
            report(.recordTooLarge(bytes: range.count), at: range.lowerBound, consumer)
            return
        }
        consumer.consume(recordText(view).record(range))
    }

    private func recordText(_ view: JSONView) -> RecordText {
        RecordText(view: view, path: path, base: base)
    }

    // MARK: Arrays of records

    private func readRecords(_ view: JSONView, atEnd: Bool, _ consumer: any RecordConsumer) -> Bool {
        let recordText = recordText(view)
        var next = view.skipBlanks(place)
        while true {
            place = next
            guard next < view.count else { return false }
            switch view.bytes[next] {
            case UInt8(ascii: "{"):
                let taken = consumer.consume(recordAt: next, in: recordText)
                if taken > 0 {
                    next = view.skipBlanks(taken)
                    continue
                }
                let end = view.endOfContainer(at: next)
                let isWhole = end > 0
                if !isWhole, !atEnd, view.count - next <= Self.maximumRecord { return false }
                // Not taken, or not closed: broken, too large or torn, which a strict reader tells apart.
                if case .invalid(let fault) = validator.read(bytes(of: view), from: next) {
                    report(.brokenRecord, at: fault, consumer)
                    place = fault
                    mode = .searching
                    return true
                }
                if isWhole {
                    pass(next..<end, of: view, consumer)
                    next = view.skipBlanks(end)
                } else if view.count - next > Self.maximumRecord {
                    mode = .skipping(depth: 0, start: base + next, inRecords: true)
                    return true
                } else {
                    report(.truncated, at: view.count, consumer)
                    mode = .done
                    return false
                }
            case UInt8(ascii: ","): next = view.skipBlanks(next + 1)
            case UInt8(ascii: "]"):
                place = next + 1
                mode = recordsHaveObject ? .afterRecords(depth: 1) : .top
                return true
            default:
                report(.brokenRecord, at: next, consumer)
                mode = .searching
                return true
            }
        }
    }

    private func bytes(of view: JSONView) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: view.bytes, count: view.count)
    }

    /// The rest of the object that held the array: as a rule a brace.
    private func readAfterRecords(
        _ view: JSONView, depth: Int, atEnd: Bool, _ consumer: any RecordConsumer
    ) -> Bool {
        var depth = depth
        if let end = passBrackets(view, depth: &depth, atEnd: atEnd, consumer) {
            place = end
            mode = .top
            return true
        }
        if mode != .done { mode = .afterRecords(depth: depth) }
        return false
    }

    /// Passes over brackets until `depth` open ones are closed, and gives that place. What was passed is dropped when
    /// they are not, and nil given; at the end of the file that is a fault.
    private func passBrackets(
        _ view: JSONView, depth: inout Int, atEnd: Bool, _ consumer: any RecordConsumer
    ) -> Int? {
        // Only whole blocks can be dropped with the state of the index kept.
        let count = atEnd ? view.count : view.count / 64 * 64
        if count > place {
            let end = view.prefix(count).endOfContainer(from: place, depth: &depth)
            if end > 0 { return end }
        }
        if atEnd {
            report(.truncated, at: view.count, consumer)
            mode = .done
        } else if count > place {
            base += text.dropIndexed()
            place = 0
        }
        return nil
    }

    /// Goes on in the next line, whose begin stands outside a string whatever stood before.
    private func skipLine(_ view: inout JSONView, atEnd: Bool) -> Bool {
        if let end = endOfLine(view, place, atEnd: false) {
            mode = .top
            restart(at: end, &view)
            return true
        }
        if atEnd { mode = .done }
        restart(at: view.count, &view)
        return false
    }

    /// Behind broken JSON the structure can't be trusted: goes on at the next text that begins a record.
    private func search(_ view: inout JSONView) -> Bool {
        let wanted: StaticString = "{\"eventVersion\""
        let rest = view.count - place
        if let found = UTF8Text.find(wanted.utf8Start, wanted.utf8CodeUnitCount, in: view.bytes + place, rest) {
            restart(at: place + found, &view)
            mode = .records
            return true
        }
        place = max(place, view.count - wanted.utf8CodeUnitCount)
        return false
    }

    /// Indexes the text anew from `position`, which stands outside a string.
    private func restart(at position: Int, _ view: inout JSONView) {
        text.dropFirst(position)
        base += position
        place = 0
        view = text.view()
    }

    private func skip(
        _ view: JSONView, depth: Int, start: Int, inRecords: Bool, atEnd: Bool, _ consumer: any RecordConsumer
    ) -> Bool {
        var depth = depth
        if let end = passBrackets(view, depth: &depth, atEnd: atEnd, consumer) {
            report(.recordTooLarge(bytes: base + end - start), at: start - base, consumer)
            place = end
            mode = inRecords ? .records : .top
            return true
        }
        if mode != .done { mode = .skipping(depth: depth, start: start, inRecords: inRecords) }
        return false
    }

    // MARK: Objects at the top

    private func readTop(_ view: inout JSONView, atEnd: Bool, _ consumer: any RecordConsumer) -> Bool {
        if base == 0, place == 0, view.count >= 3, view.bytes[0] == 0xEF, view.bytes[1] == 0xBB, view.bytes[2] == 0xBF {
            place = 3  // a byte order mark
        }
        place = view.skipBlanks(place)
        guard place < view.count else { return false }
        // Enough to see how an array of records begins, wherever the blanks stand.
        if view.count - place < 256, !atEnd, !inputFailed { return false }
        switch view.bytes[place] {
        case UInt8(ascii: "{"):
            if let array = startOfRecords(view, place) {
                summary.isLog = true
                recordsHaveObject = true
                place = array + 1
                mode = .records
                return true
            }
            return readObject(at: place, &view, atEnd: atEnd, consumer)
        case UInt8(ascii: "["):
            summary.isLog = true
            recordsHaveObject = false
            place += 1
            mode = .records
            return true
        default: return readLine(&view, atEnd: atEnd, consumer)
        }
    }

    /// Where the array begins in `{"Records":[`, the form of a delivered file, which is read piece by piece.
    private func startOfRecords(_ view: JSONView, _ start: Int) -> Int? {
        let key = view.skipBlanks(start + 1)
        guard key + 9 < view.count, view.equals(key..<key + 9, "\"Records\"") else { return nil }
        let colon = view.skipBlanks(key + 9)
        guard view.bytes[colon] == UInt8(ascii: ":") else { return nil }
        let array = view.skipBlanks(colon + 1)
        return array < view.count && view.bytes[array] == UInt8(ascii: "[") ? array : nil
    }

    /// A line that begins with no bracket: of an export of a log group, its time stamp and the event.
    private func readLine(_ view: inout JSONView, atEnd: Bool, _ consumer: any RecordConsumer) -> Bool {
        let start = place
        guard let lineEnd = endOfLine(view, start, atEnd: atEnd) else {
            guard view.count - start > Self.maximumRecord else { return false }
            report(.notCloudTrail, at: start, consumer)
            mode = summary.isLog ? .skippingLine : .done
            return true
        }
        var object = start
        while object < lineEnd, view.bytes[object] != 0x20, view.bytes[object] != 0x09 { object += 1 }
        let stamp = UnsafeBufferPointer(start: view.bytes + start, count: object - start)
        object = view.skipBlanks(object)
        let isStamped =
            stamp.count >= 20 && stamp.count <= 32 && stamp[4] == UInt8(ascii: "-") && stamp[10] == UInt8(ascii: "T")
        if isStamped, object < lineEnd, view.bytes[object] == UInt8(ascii: "{") {
            return readObject(at: object, &view, atEnd: atEnd, consumer)
        }
        report(.notCloudTrail, at: start, consumer)
        guard summary.isLog else {
            mode = .done
            return false
        }
        leaveLine(start, lineEnd, &view)
        return true
    }

    /// Goes on at the end of a line that was of no use. The index is made anew only where quotes in the line have put it
    /// out of step.
    private func leaveLine(_ start: Int, _ lineEnd: Int, _ view: inout JSONView) {
        if view.quoteCount(start, lineEnd) % 2 == 0, view.bytes[lineEnd - 1] != UInt8(ascii: "\\") {
            place = lineEnd
        } else {
            restart(at: lineEnd, &view)
        }
    }

    private func endOfLine(_ view: JSONView, _ start: Int, atEnd: Bool) -> Int? {
        let newline: [UInt8] = [0x0A]
        let found = newline.withUnsafeBufferPointer { needle in
            needle.baseAddress.flatMap { UTF8Text.find($0, 1, in: view.bytes + start, view.count - start) }
        }
        return found.map { start + $0 } ?? (atEnd ? view.count : nil)
    }

    /// A whole object: one record, or something that wraps some.
    private func readObject(
        at start: Int, _ view: inout JSONView, atEnd: Bool, _ consumer: any RecordConsumer
    ) -> Bool {
        let end = view.endOfContainer(at: start)
        let lineEnd = endOfLine(view, start, atEnd: atEnd)
        if end > 0, end <= lineEnd ?? end {
            passDocument(start..<end, view, consumer)
            place = end
            return true
        }
        // It goes on behind its line: written over several lines, or broken, which a strict reader tells apart.
        switch validator.read(bytes(of: view), from: start) {
        case .complete(let end):
            passDocument(start..<end, view, consumer)
            restart(at: end, &view)
            return true
        case .invalid(let fault):
            report(.brokenRecord, at: fault, consumer)
            if let lineEnd {
                leaveLine(start, lineEnd, &view)
            } else {
                place = start
                mode = .skippingLine
            }
            return true
        case .incomplete:
            place = start
            if view.count - start > Self.maximumWrapper {
                mode = .skipping(depth: 0, start: base + start, inRecords: false)
                return true
            }
            guard atEnd else { return false }
            if let lineEnd, lineEnd < view.count {
                report(.brokenRecord, at: lineEnd, consumer)
                leaveLine(start, lineEnd, &view)
                return true
            }
            report(.truncated, at: view.count, consumer)
            mode = .done
            return false
        }
    }

    private func passDocument(_ range: Range<Int>, _ view: JSONView, _ consumer: any RecordConsumer) {
        switch view.documentKind(range) {
        case .record:
            summary.isLog = true
            pass(range, of: view, consumer)
        case .records(let array):
            summary.isLog = true
            let stop = view.forEachElement(of: array, end: range.upperBound) { pass($0, of: view, consumer) }
            if let stop { report(.brokenRecord, at: stop, consumer) }
        case .envelope(let detail):
            summary.isLog = true
            pass(detail, of: view, consumer)
        case .messages(let array, let key):
            summary.isLog = true
            let stop = view.forEachElement(of: array, end: range.upperBound) { passMessage($0, view, key, consumer) }
            if let stop { report(.brokenRecord, at: stop, consumer) }
        case .digest: summary.isDigest = true
        case .control: summary.isLog = true
        case .other: report(.notCloudTrail, at: range.lowerBound, consumer)
        }
    }

    /// The record that stands as a text in a member of the object.
    private func passMessage(
        _ object: Range<Int>, _ view: JSONView, _ key: StaticString, _ consumer: any RecordConsumer
    ) {
        var found = false
        guard view.bytes[object.lowerBound] == UInt8(ascii: "{") else { return }
        view.forEachMember(of: object.lowerBound, end: object.upperBound) { name, value in
            guard view.equals(name, key), view.bytes[value.lowerBound] == UInt8(ascii: "\"") else { return true }
            let source = UnsafeRawBufferPointer(start: view.bytes + value.lowerBound + 1, count: value.count - 2)
            message.clear()
            let room = message.reserve(source.count)
            if let target = room.baseAddress { message.commit(JSONString.decode(source, into: target)) }
            let inner = message.view()
            let start = inner.skipBlanks(0)
            if start < inner.count, inner.bytes[start] == UInt8(ascii: "{"),
                case let end = inner.endOfContainer(at: start), end > 0
            {
                found = true
                consumer.consume(
                    Record(
                        view: inner, range: start..<end, path: path,
                        offset: base + value.lowerBound))
            }
            return false
        }
        if !found { report(.notCloudTrail, at: object.lowerBound, consumer) }
    }
}
