internal import FilterPattern
internal import JSONText

extension MatchContext {
    /// The fields that a space-delimited pattern takes from the event seen last, under the names of
    /// `TestMetricFilter`: `$name` for a named field, `$n` for any other, n counted from 1. Empty for other patterns
    /// (CloudWatch Logs API Reference, `MetricFilterMatchRecord`).
    public func extractedFields(of pattern: Int) -> [String: String] {
        guard case .spaceDelimited(let pattern) = matcher.patterns[pattern] else { return [:] }
        let fieldCount = event.splitFields()
        let state = event.state
        var extracted: [String: String] = [:]
        func take(_ name: String?, _ place: FieldPlace, number: Int) {
            guard let range = state.pointee.fields.range(place, messageEnd: state.pointee.end) else { return }
            let bytes = UnsafeBufferPointer(start: state.pointee.view.bytes + range.lowerBound, count: range.count)
            extracted["$" + (name ?? String(number))] = String(decoding: bytes, as: UTF8.self)
        }
        let places = pattern.fields.filter { $0 != .ellipsis }
        if places.isEmpty {
            for i in 0..<fieldCount { take(nil, .fromStart(i), number: i + 1) }
            return extracted
        }
        let ellipsis = pattern.ellipsis ?? places.count
        let absorbed = pattern.ellipsis == nil ? 0 : max(0, fieldCount - places.count)
        for i in 0..<absorbed { take(nil, .fromStart(ellipsis + i), number: ellipsis + i + 1) }
        for (i, field) in places.enumerated() {
            let number = i < ellipsis ? i : i + absorbed
            let isRest = pattern.ellipsis == nil && i == places.count - 1
            take(field.name, isRest ? .restFrom(number) : .fromStart(number), number: number + 1)
        }
        return extracted
    }
}

extension SpaceDelimitedPattern.Field {
    fileprivate var name: String? {
        switch self {
        case .named(let name), .tested(let name, _): name
        case .unnamed, .ellipsis: nil
        }
    }
}

/// A value that was asked for in every event, valid until the next one.
public struct CapturedValue {
    /// The text of a string, its escapes resolved, or a number or keyword as written; nil for what is absent, null,
    /// an object or an array.
    public let text: UnsafeBufferPointer<UInt8>?
}

extension MatchContext {
    /// The value of the capture of that number in the event seen last.
    @inline(__always)
    public func capture(_ number: Int) -> CapturedValue {
        let number = Int(event.machine.pointee.captureValues[number])
        let plain = event.plainString(number)
        if let text = plain.text {
            return CapturedValue(text: UnsafeBufferPointer(start: text, count: plain.count))
        }
        let value = event.value(number)
        guard value.kind.hasText, let text = value.text else { return CapturedValue(text: nil) }
        return CapturedValue(text: UnsafeBufferPointer(start: text, count: Int(value.count)))
    }
}
