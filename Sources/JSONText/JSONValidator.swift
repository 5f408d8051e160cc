/// A strict reader of RFC 8259 that keeps nothing: it says whether, and up to where, bytes are a JSON value.
///
/// UTF-8 is not looked at; `UTF8Text` does that. Nesting has no limit: one bit is kept for each level.
public struct JSONValidator: ~Copyable {
    public enum Outcome: Hashable, Sendable {
        /// A whole value that ends before this position.
        case complete(end: Int)
        /// The byte at this position can't stand there.
        case invalid(at: Int)
        /// A value that goes on after the last byte.
        case incomplete
    }

    /// The open brackets, innermost last: 1 for an object.
    private var levels: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    /// The index of the text, where there is one that knows the ends of strings.
    private var view: JSONView?

    public init() {
        capacity = 16
        levels = .allocate(capacity: capacity)
    }

    deinit { levels.deallocate() }

    /// Whether `range` of an indexed text is one JSON object, with white space around it at most.
    public mutating func isObject(_ range: Range<Int>, of view: JSONView) -> Bool {
        let text = UnsafeRawBufferPointer(start: view.bytes, count: range.upperBound)
        let start = Self.skipBlanks(text, range.lowerBound)
        guard start < text.count, text[start] == UInt8(ascii: "{") else { return false }
        if !view.mayHoldControls { self.view = view }
        defer { self.view = nil }
        guard case .complete(let end) = read(text, from: start) else { return false }
        return Self.skipBlanks(text, end) == text.count
    }

    /// Reads the value at `start`, where no white space may stand.
    public mutating func read(_ text: UnsafeRawBufferPointer, from start: Int) -> Outcome {
        var place = start
        var depth = 0
        // Each turn reads one value, then the brackets and commas up to the next one.
        while true {
            place = Self.skipBlanks(text, place)
            guard place < text.count else { return .incomplete }
            let byte = text[place]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                let isObject = byte == UInt8(ascii: "{")
                push(isObject, at: depth)
                depth += 1
                place = Self.skipBlanks(text, place + 1)
                guard place < text.count else { return .incomplete }
                if text[place] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject {
                        switch key(text, place) {
                        case .complete(let end): place = end
                        case let fault: return fault
                        }
                    }
                    continue
                }
            } else {
                switch scalar(text, place) {
                case .complete(let end): place = end
                case let fault: return fault
                }
                if depth == 0 { return .complete(end: place) }
                place = Self.skipBlanks(text, place)
                guard place < text.count else { return .incomplete }
            }
            // Here stands what follows a value inside a bracket, or the bracket that closes an empty one.
            while true {
                let isObject = isObject(at: depth - 1)
                if text[place] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    place += 1
                    depth -= 1
                    if depth == 0 { return .complete(end: place) }
                    place = Self.skipBlanks(text, place)
                    guard place < text.count else { return .incomplete }
                    continue
                }
                guard text[place] == UInt8(ascii: ",") else { return .invalid(at: place) }
                place = Self.skipBlanks(text, place + 1)
                guard place < text.count else { return .incomplete }
                if isObject {
                    switch key(text, place) {
                    case .complete(let end): place = end
                    case let fault: return fault
                    }
                }
                break
            }
        }
    }

    private mutating func push(_ isObject: Bool, at depth: Int) {
        if depth >= capacity * 64 {
            let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 4)
            larger.update(from: levels, count: capacity)
            levels.deallocate()
            levels = larger
            capacity *= 4
        }
        let bit: UInt64 = 1 << UInt64(depth & 63)
        if depth & 63 == 0 { levels[depth >> 6] = 0 }
        levels[depth >> 6] = isObject ? levels[depth >> 6] | bit : levels[depth >> 6] & ~bit
    }

    private func isObject(at depth: Int) -> Bool {
        levels[depth >> 6] >> UInt64(depth & 63) & 1 == 1
    }

    // MARK: Tokens

    private static func skipBlanks(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var place = start
        while place < text.count {
            let byte = text[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            place += 1
        }
        return place
    }

    /// A key and its colon.
    private func key(_ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        guard text[start] == UInt8(ascii: "\"") else { return .invalid(at: start) }
        guard case .complete(let end) = string(text, start) else { return string(text, start) }
        let colon = Self.skipBlanks(text, end)
        guard colon < text.count else { return .incomplete }
        return text[colon] == UInt8(ascii: ":") ? .complete(end: colon + 1) : .invalid(at: colon)
    }

    private func scalar(_ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        switch text[start] {
        case UInt8(ascii: "\""): string(text, start)
        case UInt8(ascii: "t"): Self.keyword("true", text, start)
        case UInt8(ascii: "f"): Self.keyword("false", text, start)
        case UInt8(ascii: "n"): Self.keyword("null", text, start)
        default: Self.number(text, start)
        }
    }

    private static func keyword(_ word: StaticString, _ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        for i in 0..<word.utf8CodeUnitCount {
            guard start + i < text.count else { return .incomplete }
            if text[start + i] != word.utf8Start[i] { return .invalid(at: start + i) }
        }
        return .complete(end: start + word.utf8CodeUnitCount)
    }

    @inline(__always)
    private func string(_ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        if let view {
            let close = view.quote(from: start + 1)
            if close >= text.count { return .incomplete }
            if !view.hasBackslash(start + 1, close) { return .complete(end: close + 1) }
        }
        return Self.stringByBytes(text, start)
    }

    private static func stringByBytes(_ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        var place = start + 1
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""): return .complete(end: place + 1)
            case ..<0x20: return .invalid(at: place)
            case UInt8(ascii: "\\"):
                guard place + 1 < text.count else { return .incomplete }
                switch text[place + 1] {
                case UInt8(ascii: "u"):
                    for i in 2..<6 {
                        guard place + i < text.count else { return .incomplete }
                        guard hexDigit(text[place + i]) != nil else { return .invalid(at: place + i) }
                    }
                    place += 6
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                    UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                    place += 2
                default: return .invalid(at: place + 1)
                }
            default: place += 1
            }
        }
        return .incomplete
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int) -> Outcome {
        var place = start
        func digits() -> Int {
            var end = place
            while end < text.count, text[end] &- 0x30 < 10 { end += 1 }
            return end - place
        }
        if text[place] == UInt8(ascii: "-") { place += 1 }
        guard place < text.count else { return .incomplete }
        let whole = digits()
        if whole == 0 { return .invalid(at: place) }
        if whole > 1, text[place] == UInt8(ascii: "0") { return .invalid(at: place + 1) }
        place += whole
        if place < text.count, text[place] == UInt8(ascii: ".") {
            place += 1
            guard place < text.count else { return .incomplete }
            let fraction = digits()
            if fraction == 0 { return .invalid(at: place) }
            place += fraction
        }
        if place < text.count, text[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            if place < text.count, text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-") { place += 1 }
            guard place < text.count else { return .incomplete }
            let exponent = digits()
            if exponent == 0 { return .invalid(at: place) }
            place += exponent
        }
        return .complete(end: place)
    }
}

@inline(__always)
func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    default: nil
    }
}
