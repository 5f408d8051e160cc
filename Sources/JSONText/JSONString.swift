internal import CKernels

/// The text between the quotation marks of a JSON string.
public enum JSONString {
    /// Adds `string` with what JSON asks to be escaped.
    public static func escape(_ string: String, into text: inout String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case ..<" ":
                let code = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Resolves the escapes of `source` into `target`, which needs room for as many bytes, and gives their number.
    ///
    /// A surrogate without its other half becomes U+FFFD, as a string of Unicode scalars can't hold it. What is no
    /// escape of JSON is copied as it stands; a validator has refused such text before anybody relies on it.
    public static func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>) -> Int {
        var place = 0
        var length = 0
        while place < source.count {
            let byte = source[place]
            guard byte == UInt8(ascii: "\\"), place + 1 < source.count else {
                target[length] = byte
                length += 1
                place += 1
                continue
            }
            let code = source[place + 1]
            if code == UInt8(ascii: "u"), let unit = codeUnit(source, place + 2) {
                place += 6
                var scalar = unit
                if unit & 0xFC00 == 0xD800, let low = lowSurrogate(source, place) {
                    scalar = 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
                    place += 6
                } else if unit & 0xF800 == 0xD800 {
                    scalar = 0xFFFD
                }
                length += encode(scalar, target + length)
                continue
            }
            target[length] = plain(code)
            length += 1
            place += 2
        }
        return length
    }

    private static func plain(_ code: UInt8) -> UInt8 {
        switch code {
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: code
        }
    }

    private static func codeUnit(_ source: UnsafeRawBufferPointer, _ start: Int) -> UInt32? {
        guard start + 4 <= source.count else { return nil }
        var unit: UInt32 = 0
        for i in start..<start + 4 {
            guard let digit = hexDigit(source[i]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func lowSurrogate(_ source: UnsafeRawBufferPointer, _ start: Int) -> UInt32? {
        guard start + 6 <= source.count, source[start] == UInt8(ascii: "\\"), source[start + 1] == UInt8(ascii: "u"),
            let unit = codeUnit(source, start + 2), unit & 0xFC00 == 0xDC00
        else { return nil }
        return unit
    }

    private static func encode(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
        switch scalar {
        case ..<0x80:
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case ..<0x800:
            target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            target[1] = tail(0)
            return 2
        case ..<0x10000:
            target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            target[1] = tail(6)
            target[2] = tail(0)
            return 3
        default:
            target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
            target[1] = tail(12)
            target[2] = tail(6)
            target[3] = tail(0)
            return 4
        }
    }
}

/// Bytes that should be UTF-8.
public enum UTF8Text {
    /// Where the first ill-formed byte stands, or nil.
    public static func fault(_ text: UnsafeRawBufferPointer) -> Int? {
        guard let base = text.baseAddress else { return nil }
        let fault = tw_utf8_fault(base.assumingMemoryBound(to: UInt8.self), text.count)
        return fault == text.count ? nil : fault
    }

    /// Where `needle` first occurs in `text`, or nil.
    @inline(__always)
    public static func find(
        _ needle: UnsafePointer<UInt8>, _ needleLength: Int, in text: UnsafePointer<UInt8>, _ length: Int
    ) -> Int? {
        let place = tw_find(text, length, needle, needleLength)
        return place < 0 ? nil : place
    }
}
