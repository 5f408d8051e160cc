// How two tests of one value are related, where that can be said from their texts alone.

extension TextLiteral {
    /// Whether every text that `self` matches is matched by `other`.
    func implies(_ other: TextLiteral) -> Bool {
        switch (shape, other.shape) {
        case (_, .anything): true
        case (.exact(let a), .exact(let b)): a.sameScalars(b)
        case (.exact(let a), .prefix(let b)), (.prefix(let a), .prefix(let b)): a.beginsWithScalars(b)
        case (.exact(let a), .suffix(let b)), (.suffix(let a), .suffix(let b)): a.endsWithScalars(b)
        case (.exact(let a), .contains(let b)), (.prefix(let a), .contains(let b)), (.suffix(let a), .contains(let b)),
            (.contains(let a), .contains(let b)):
            a.containsScalars(b)
        default: false
        }
    }

    /// Whether no text is matched by both.
    func excludes(_ other: TextLiteral) -> Bool {
        switch (shape, other.shape) {
        case (.exact, _): !implies(other)
        case (_, .exact): !other.implies(self)
        case (.prefix(let a), .prefix(let b)): !a.beginsWithScalars(b) && !b.beginsWithScalars(a)
        case (.suffix(let a), .suffix(let b)): !a.endsWithScalars(b) && !b.endsWithScalars(a)
        default: false
        }
    }
}

extension ValueTest {
    /// Whether no value passes both tests.
    func excludes(_ other: ValueTest) -> Bool {
        switch (self, other) {
        case (.notExists, .notExists): return false
        case (.notExists, _), (_, .notExists): return true
        case (.equals(.text(let a)), .equals(.text(let b))): return a.excludes(b)
        case (.equals(let a), .notEquals(let b)), (.notEquals(let b), .equals(let a)):
            if case .text(let a) = a, case .text(let b) = b { return a.implies(b) }
            return a == b
        case (.isTrue, .isFalse), (.isFalse, .isTrue): return true
        case (.isNull, _): return other != .isNull
        case (_, .isNull): return self != .isNull
        default: break
        }
        guard let a = numberRange, let b = other.numberRange else { return false }
        return a.excludes(b)
    }

    /// Whether every value that passes this test passes the other.
    func implies(_ other: ValueTest) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.equals(.text(let a)), .equals(.text(let b))): return a.implies(b)
        case (.equals(.text(let a)), .notEquals(.text(let b))): return a.excludes(b)
        case (.notEquals(.text(let a)), .notEquals(.text(let b))): return b.implies(a)
        default: return false
        }
    }

    /// The numbers that pass a comparison with a number, where only numbers can pass.
    private var numberRange: NumberRange? {
        switch self {
        case .less(let number): NumberRange(high: number.value, includesHigh: false)
        case .lessOrEqual(let number): NumberRange(high: number.value, includesHigh: true)
        case .greater(let number): NumberRange(low: number.value, includesLow: false)
        case .greaterOrEqual(let number): NumberRange(low: number.value, includesLow: true)
        case .equals(.number(let number)):
            NumberRange(low: number.value, high: number.value, includesLow: true, includesHigh: true)
        default: nil
        }
    }
}

/// An interval of numbers; a missing bound is infinite.
private struct NumberRange {
    var low: DecimalNumber?
    var high: DecimalNumber?
    var includesLow = false
    var includesHigh = false

    func excludes(_ other: NumberRange) -> Bool { endsBefore(other) || other.endsBefore(self) }

    private func endsBefore(_ other: NumberRange) -> Bool {
        guard let high, let low = other.low else { return false }
        return high < low || high == low && !(includesHigh && other.includesLow)
    }
}

extension String {
    func sameScalars(_ other: String) -> Bool { unicodeScalars.elementsEqual(other.unicodeScalars) }

    func beginsWithScalars(_ other: String) -> Bool { unicodeScalars.starts(with: other.unicodeScalars) }

    func endsWithScalars(_ other: String) -> Bool {
        unicodeScalars.reversed().starts(with: other.unicodeScalars.reversed())
    }

    func containsScalars(_ other: String) -> Bool {
        var rest = unicodeScalars[...]
        while true {
            if rest.starts(with: other.unicodeScalars) { return true }
            guard !rest.isEmpty else { return false }
            rest.removeFirst()
        }
    }
}
