/// An exact decimal number: ±0.d₁d₂d₃… × 10^exponent.
///
/// CloudTrail carries 64-bit identifiers, which a `Double` would round; digits are compared instead.
public struct DecimalNumber: Hashable, Sendable {
    public let isNegative: Bool
    /// Without leading and trailing zeros; empty for zero.
    public let digits: [UInt8]
    public let exponent: Int

    public static let zero = DecimalNumber(isNegative: false, digits: [], exponent: 0)

    private init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        self.isNegative = isNegative
        self.digits = digits
        self.exponent = exponent
    }

    /// Reads `[+-] digits [. digits] [e [+-] digits]`; nil when `text` has another form.
    ///
    /// Exponents beyond ten million are held there: such numbers stay in order with all others.
    public init?(_ text: some Sequence<UInt8>) {
        var rest = Array(text)[...]
        var negative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            negative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        let whole = rest.prefix(while: Self.isDigit)
        guard !whole.isEmpty else { return nil }
        rest.removeFirst(whole.count)
        var digits = Array(whole)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: Self.isDigit)
            guard !fraction.isEmpty else { return nil }
            digits += fraction
            rest.removeFirst(fraction.count + 1)
        }
        var exponent = whole.count
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest.removeFirst()
            guard let power = Self.power(rest) else { return nil }
            exponent += power
            rest = []
        }
        guard rest.isEmpty else { return nil }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        guard !digits.isEmpty else {
            self = .zero
            return
        }
        self.init(isNegative: negative, digits: digits, exponent: exponent)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func power(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        var negative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            negative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
        let magnitude = rest.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 10_000_000) }
        return negative ? -magnitude : magnitude
    }
}

extension DecimalNumber: Comparable {
    public static func < (a: DecimalNumber, b: DecimalNumber) -> Bool {
        if a.digits.isEmpty { return !b.digits.isEmpty && !b.isNegative }
        if b.digits.isEmpty { return a.isNegative }
        if a.isNegative != b.isNegative { return a.isNegative }
        let smaller =
            a.exponent != b.exponent
            ? a.exponent < b.exponent
            : a.digits.lexicographicallyPrecedes(b.digits)
        return a.isNegative ? !smaller && a != b : smaller
    }
}
