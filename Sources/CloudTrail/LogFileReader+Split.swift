internal import JSONText

extension LogFileReader {
    /// Hands on the records that stand complete in the text. False when nothing more is wanted of the file.
    func split(atEnd: Bool, _ consumer: any RecordConsumer) -> Bool {
        var view = text.view()
        var advanced = true
        while advanced {
            switch mode {
            case .top: advanced = readTop(&view, atEnd: atEnd, consumer)
            case .records: advanced = readRecords(view, atEnd: atEnd, consumer)
            case .afterRecords: advanced = readAfterRecords(view, atEnd: atEnd)
            case .skipping(let depth, let start, let inRecords):
                advanced = skip(view, depth: depth, start: start, inRecords: inRecords, atEnd: atEnd, consumer)
            case .searching: advanced = search(&view)
            case .done: return false
            }
        }
        if atEnd, mode == .records || mode == .afterRecords { report(.truncated, at: view.count, consumer) }
        return true
    }

    func report(_ reason: LogFault.Reason, at position: Int, _ consumer: any RecordConsumer) {
        consumer.report(LogFault(path: path, offset: base + position, reason: reason))
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
        while true {
            let next = view.skipBlanks(place)
            place = next
            guard next < view.count else { return false }
            switch view.bytes[next] {
            case UInt8(ascii: "{"):
                let taken = consumer.consume(recordAt: next, in: recordText)
                if taken > 0 {
                    place = taken
                    continue
                }
                let end = view.endOfContainer(at: next)
                if end > 0 {
                    pass(next..<end, of: view, consumer)
                    place = end
                } else if view.count - next > Self.maximumRecord {
                    mode = .skipping(depth: 0, start: base + next, inRecords: true)
                    return true
                } else {
                    if atEnd {
                        report(.truncated, at: view.count, consumer)
                        mode = .done
                    }
                    return false
                }
            case UInt8(ascii: ","): place = next + 1
            case UInt8(ascii: "]"):
                place = next + 1
                mode = recordsHaveObject ? .afterRecords : .top
                return true
            default:
                report(.brokenRecord, at: next, consumer)
                mode = .searching
                return true
            }
        }
    }

    /// The rest of the object that held the array: as a rule a brace.
    private func readAfterRecords(_ view: JSONView, atEnd: Bool) -> Bool {
        var depth = 1
        let end = view.endOfContainer(from: place, depth: &depth)
        guard end > 0 else { return false }
        place = end
        mode = .top
        return true
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
        // Only whole blocks can be dropped with the state of the index kept.
        let count = atEnd ? view.count : view.count / 64 * 64
        guard count > place else { return false }
        var depth = depth
        let end = view.prefix(count).endOfContainer(from: place, depth: &depth)
        if end > 0 {
            report(.recordTooLarge(bytes: base + end - start), at: start - base, consumer)
            place = end
            mode = inRecords ? .records : .top
            return true
        }
        if atEnd {
            report(.truncated, at: view.count, consumer)
            mode = .done
            return false
        }
        base += text.dropIndexed()
        place = 0
        mode = .skipping(depth: depth, start: start, inRecords: inRecords)
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
        if view.count - place < 256, !atEnd { return false }
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
            mode = .done
            return false
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
        restart(at: lineEnd, &view)
        return true
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
        let bytes = UnsafeRawBufferPointer(start: view.bytes, count: view.count)
        switch validator.read(bytes, from: start) {
        case .complete(let end):
            passDocument(start..<end, view, consumer)
            restart(at: end, &view)
            return true
        case .invalid(let fault):
            report(.brokenRecord, at: fault, consumer)
            guard let lineEnd else {
                mode = .done
                return false
            }
            restart(at: lineEnd, &view)
            return true
        case .incomplete:
            if view.count - start > Self.maximumWrapper {
                mode = .skipping(depth: 0, start: base + start, inRecords: false)
                place = start
                return true
            }
            place = start
            guard atEnd else { return false }
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
            view.forEachElement(of: array, end: range.upperBound) { pass($0, of: view, consumer) }
        case .envelope(let detail):
            summary.isLog = true
            pass(detail, of: view, consumer)
        case .messages(let array, let key):
            summary.isLog = true
            view.forEachElement(of: array, end: range.upperBound) { passMessage($0, view, key, consumer) }
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
