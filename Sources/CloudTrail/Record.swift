public import JSONText

/// One event record, as it stands in a log file: from its opening brace to its closing one.
///
/// Borrows memory of the reader: valid only while it is being consumed.
public struct Record {
    /// The text it is a part of.
    public let view: JSONView
    public let range: Range<Int>
    public let path: String
    /// Where it begins in the uncompressed file; for a record inside a message, where that stands.
    public let offset: Int

    /// The record byte for byte.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: view.bytes + range.lowerBound, count: range.count)
    }
}

/// The text that records stand in, as it is read from a file piece by piece.
public struct RecordText {
    public let view: JSONView
    public let path: String
    /// Where the text begins in the uncompressed file.
    public let base: Int

    /// The record that stands at `range`.
    public func record(_ range: Range<Int>) -> Record {
        Record(view: view, range: range, path: path, offset: base + range.lowerBound)
    }
}

/// What a JSON object at the top of a file, or on a line of it, is.
enum DocumentKind {
    /// An event record itself.
    case record
    /// An object that holds records as the elements of an array, at this position.
    case records(array: Int)
    /// An object whose array at `array` holds objects with a record as the text of the member `key`: a CloudWatch Logs
    /// subscription record, or the output of `aws logs filter-log-events` or `aws cloudtrail lookup-events`.
    case messages(array: Int, key: StaticString)
    /// An EventBridge envelope with the record in its `detail`.
    case envelope(detail: Range<Int>)
    /// A digest file: what log files there were, for validation.
    case digest
    /// A subscription's test of its destination.
    case control
    case other
}

extension JSONView {
    /// Calls `body` with each member of the object at `start`, until it says false: the range of its key, and of its value.
    func forEachMember(of start: Int, end: Int, _ body: (Range<Int>, Range<Int>) -> Bool) {
        var next = skipBlanks(start + 1)
        while next < end, bytes[next] == UInt8(ascii: "\"") {
            let keyEnd = quote(from: next + 1)
            guard keyEnd < end else { return }
            let key = next + 1..<keyEnd
            let colon = skipBlanks(keyEnd + 1)
            guard colon < end, bytes[colon] == UInt8(ascii: ":") else { return }
            let value = skipBlanks(colon + 1)
            let valueEnd = endOfValue(at: value)
            guard valueEnd > value, valueEnd <= end, body(key, value..<valueEnd) else { return }
            next = skipBlanks(valueEnd)
            guard next < end, bytes[next] == UInt8(ascii: ",") else { return }
            next = skipBlanks(next + 1)
        }
    }

    /// Calls `body` with each element of the array at `start`; gives where it is broken, or nil.
    func forEachElement(of start: Int, end: Int, _ body: (Range<Int>) -> Void) -> Int? {
        var next = skipBlanks(start + 1)
        if next < end, bytes[next] == UInt8(ascii: "]") { return nil }
        while next < end {
            let valueEnd = endOfValue(at: next)
            guard valueEnd > next, valueEnd <= end else { return next }
            body(next..<valueEnd)
            next = skipBlanks(valueEnd)
            guard next < end, bytes[next] == UInt8(ascii: ",") else { break }
            next = skipBlanks(next + 1)
        }
        return next < end && bytes[next] == UInt8(ascii: "]") ? nil : next
    }

    /// How many quotation marks begin or end a string in `start..<end`.
    func quoteCount(_ start: Int, _ end: Int) -> Int {
        var count = 0
        var place = quote(from: start)
        while place < end {
            count += 1
            place = quote(from: place + 1)
        }
        return count
    }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount
            && (0..<range.count).allSatisfy { bytes[range.lowerBound + $0] == text.utf8Start[$0] }
    }

    /// What the object at `range` is, by its members.
    func documentKind(_ range: Range<Int>) -> DocumentKind {
        var kind = DocumentKind.other
        var isControl = false
        forEachMember(of: range.lowerBound, end: range.upperBound) { key, value in
            let isArray = bytes[value.lowerBound] == UInt8(ascii: "[")
            if equals(key, "Records"), isArray {
                kind = .records(array: value.lowerBound)
            } else if equals(key, "logEvents") || equals(key, "events"), isArray {
                kind = isControl ? .control : .messages(array: value.lowerBound, key: "message")
            } else if equals(key, "Events"), isArray {
                kind = .messages(array: value.lowerBound, key: "CloudTrailEvent")
            } else if equals(key, "detail"), bytes[value.lowerBound] == UInt8(ascii: "{") {
                kind = .envelope(detail: value)
            } else if equals(key, "digestStartTime") || equals(key, "previousDigestHashValue") {
                kind = .digest
            } else if equals(key, "eventVersion") || equals(key, "eventName") || equals(key, "eventTime")
                || equals(key, "userIdentity") || equals(key, "eventID")
            {
                kind = .record
            } else if equals(key, "messageType") {
                isControl = equals(value, "\"CONTROL_MESSAGE\"")
                return true
            } else {
                return true
            }
            return false
        }
        return kind
    }
}
