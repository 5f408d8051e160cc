internal import FilterPattern

/// A number of a pattern, ready for comparison with numbers in events, digit by digit and without rounding.
struct NumberConstant: BitwiseCopyable {
    let isNegative: Bool
    let exponent: Int
    let digits: UnsafePointer<UInt8>
    let count: Int

    init(_ number: DecimalNumber, in pool: MemoryPool) {
        isNegative = number.isNegative
        exponent = number.exponent
        digits = pool.array(number.digits)
        count = number.digits.count
    }
}

/// A number as it stands in an event, taken apart but not copied.
struct NumberText {
    private let text: UnsafePointer<UInt8>
    /// Where the first digit that is not 0 stands, and after the last one that is not 0; equal for zero.
    private let first: Int
    private let last: Int
    private let exponent: Int
    private let isNegative: Bool

    /// Reads `[+-] digits [. digits] [e [+-] digits]`; nil when the text has another form.
    init?(_ text: UnsafePointer<UInt8>, _ count: Int) {
        var place = 0
        var negative = false
        if count > 0, text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
            negative = text[0] == UInt8(ascii: "-")
            place = 1
        }
        let start = place
        var firstDigit = -1
        var afterLast = -1
        while place < count, text[place] &- 0x30 < 10 {
            if text[place] != 0x30 {
                if firstDigit < 0 { firstDigit = place }
                afterLast = place &+ 1
            }
            place &+= 1
        }
        let point = place
        if point == start { return nil }
        if place < count, text[place] == UInt8(ascii: ".") {
            place &+= 1
            let fraction = place
            while place < count, text[place] &- 0x30 < 10 {
                if text[place] != 0x30 {
                    if firstDigit < 0 { firstDigit = place }
                    afterLast = place &+ 1
                }
                place &+= 1
            }
            if place == fraction { return nil }
        }
        var power = 0
        if place < count, text[place] | 0x20 == UInt8(ascii: "e") {
            place &+= 1
            var negativePower = false
            if place < count, text[place] == UInt8(ascii: "-") || text[place] == UInt8(ascii: "+") {
                negativePower = text[place] == UInt8(ascii: "-")
                place &+= 1
            }
            let digits = place
            while place < count, text[place] &- 0x30 < 10 {
                power = min(power &* 10 &+ Int(text[place] &- 0x30), 10_000_000)
                place &+= 1
            }
            if place == digits { return nil }
            if negativePower { power = 0 &- power }
        }
        guard place == count else { return nil }
        self.text = text
        guard firstDigit >= 0 else {
            first = 0
            last = 0
            exponent = 0
            isNegative = false
            return
        }
        first = firstDigit
        last = afterLast
        // The first digit counts from the point: 0.d₁d₂… × 10^exponent.
        exponent = (firstDigit < point ? point &- firstDigit : point &- firstDigit &+ 1) &+ power
        isNegative = negative
    }

    private var isZero: Bool { first == last }

    /// -1, 0 or 1: less than, equal to or greater than `other`.
    func compared(to other: NumberConstant) -> Int {
        let otherIsZero = other.count == 0
        if isZero || otherIsZero {
            if isZero && otherIsZero { return 0 }
            return isZero ? (other.isNegative ? 1 : -1) : (isNegative ? -1 : 1)
        }
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let magnitude = comparedMagnitude(to: other)
        return isNegative ? 0 &- magnitude : magnitude
    }

    private func comparedMagnitude(to other: NumberConstant) -> Int {
        if exponent != other.exponent { return exponent < other.exponent ? -1 : 1 }
        var place = first
        var digit = 0
        while place < last {
            if text[place] == UInt8(ascii: ".") {
                place &+= 1
                continue
            }
            if digit == other.count { return 1 }
            let a = text[place]
            let b = other.digits[digit]
            if a != b { return a < b ? -1 : 1 }
            place &+= 1
            digit &+= 1
        }
        return digit < other.count ? -1 : 0
    }

    /// Writes a form that equal numbers share into `buffer`, which needs room for the text and nine bytes more.
    func writeCanonical(_ buffer: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 0
        var place = first
        while place < last {
            if text[place] != UInt8(ascii: ".") {
                buffer[length] = text[place]
                length &+= 1
            }
            place &+= 1
        }
        buffer[length] = isNegative ? 1 : 0
        UnsafeMutableRawPointer(buffer + length + 1).storeBytes(of: Int64(exponent), as: Int64.self)
        return length &+ 9
    }
}

extension DecimalNumber {
    /// The form that `NumberText.writeCanonical` gives.
    var canonicalBytes: [UInt8] {
        let bits = UInt64(bitPattern: Int64(exponent))
        return digits + [isNegative ? 1 : 0] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0 * 8)) }
    }
}
