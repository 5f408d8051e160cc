/// A regular expression between percent signs: alternatives of quantified characters, without groups.
///
/// Characters that may stand in one are letters, digits, blank, `: _ # = @ / ; , -` and the operators
/// (Amazon CloudWatch Logs User Guide, "Supported regular expressions syntax"). Everything else is refused, so
/// outside ASCII one symbol, "some other character", is all that can be told apart.
public struct RegularExpression: Hashable, Sendable {
    /// What stands between the percent signs.
    public let source: String
    /// Matches when one of these does.
    public let alternatives: [[Item]]

    /// The largest count in `{n}`, and the most characters that all counts may unfold to.
    public static let maximumCount = 1000
    public static let maximumSize = 10_000

    public enum Item: Hashable, Sendable {
        /// A character out of the set, at least `minimum` times and, unless `maximum` is nil, at most that often.
        case characters(CharacterSet, minimum: Int, maximum: Int?)
        /// `^`: the begin of the subject.
        case start
        /// `$`: the end of the subject.
        case end
    }

    /// A set of ASCII characters, with one place for all the others.
    public struct CharacterSet: Hashable, Sendable {
        /// The place of every character outside ASCII.
        public static let other: UInt8 = 128

        var low: UInt64 = 0
        var high: UInt64 = 0
        var holdsOther = false

        public init() {}

        public func contains(_ symbol: UInt8) -> Bool {
            switch symbol {
            case ..<64: low >> symbol & 1 == 1
            case ..<128: high >> (symbol - 64) & 1 == 1
            default: holdsOther
            }
        }

        mutating func insert(_ symbol: UInt8) {
            if symbol < 64 { low |= 1 << symbol } else { high |= 1 << (symbol - 64) }
        }

        mutating func insert(_ range: ClosedRange<UInt8>) {
            for symbol in range { insert(symbol) }
        }

        mutating func formUnion(_ set: CharacterSet) {
            low |= set.low
            high |= set.high
            holdsOther = holdsOther || set.holdsOther
        }

        var inverted: CharacterSet {
            var set = CharacterSet()
            set.low = ~low
            set.high = ~high
            set.holdsOther = !holdsOther
            return set
        }

        static let any = CharacterSet().inverted
        static let digits = CharacterSet(ranges: [0x30...0x39])
        static let words = CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
        static let blanks = CharacterSet(ranges: [0x09...0x0D, 0x20...0x20])

        init(ranges: [ClosedRange<UInt8>]) {
            for range in ranges { insert(range) }
        }
    }

    /// Reads an expression.
    ///
    /// - Throws: `FilterPatternError`, its place counted in scalars from the begin of `source`.
    public init(_ source: String) throws(FilterPatternError) {
        var reader = RegularExpressionReader(Array(source.unicodeScalars))
        alternatives = try reader.read()
        self.source = source
    }

    public static func == (a: RegularExpression, b: RegularExpression) -> Bool { a.source == b.source }
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// Reads what stands between two percent signs.
private struct RegularExpressionReader {
    typealias CharacterSet = RegularExpression.CharacterSet
    typealias Item = RegularExpression.Item

    let text: [Unicode.Scalar]
    var place = 0
    var size = 0

    init(_ text: [Unicode.Scalar]) {
        self.text = text
    }

    mutating func read() throws(FilterPatternError) -> [[Item]] {
        for (i, scalar) in text.enumerated() where !Self.isAllowed(scalar) {
            throw .regex(i..<i + 1, .forbiddenCharacter(scalar))
        }
        var alternatives: [[Item]] = [[]]
        while place < text.count {
            if text[place] == "|" {
                alternatives.append([])
                place += 1
            } else {
                alternatives[alternatives.count - 1].append(try item())
            }
        }
        return alternatives
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isWordCharacter { return true }
        switch scalar {
        case " ", ":", "#", "=", "@", "/", ";", ",", "-": return true
        case "^", "$", "?", "[", "]", "{", "}", "|", "\\", "*", "+", ".": return true
        default: return false
        }
    }

    private mutating func item() throws(FilterPatternError) -> Item {
        let start = place
        let set: CharacterSet?
        var anchor = Item.start
        switch text[place] {
        case "^":
            set = nil
            place += 1
        case "$":
            set = nil
            anchor = .end
            place += 1
        case ".":
            set = .any
            place += 1
        case "[": set = try characterClass()
        case "\\": set = try escape()
        case "*", "+", "?", "{": throw .regex(start..<start + 1, .nothingToRepeat)
        default:
            set = CharacterSet(ranges: [UInt8(text[place].value)...UInt8(text[place].value)])
            place += 1
        }
        let (minimum, maximum) = try quantifier()
        guard let set else {
            return minimum == 0 ? .characters(.any, minimum: 0, maximum: 0) : anchor
        }
        size += max(minimum, maximum ?? 0, 1)
        if size > RegularExpression.maximumSize { throw .regex(start..<place, .tooLarge) }
        return .characters(set, minimum: minimum, maximum: maximum)
    }

    /// `\d`, `\x41`, `\.`: one escape, outside a class or within.
    private mutating func escape() throws(FilterPatternError) -> CharacterSet {
        let start = place
        place += 1
        guard place < text.count else { throw .regex(start..<start + 1, .unfinishedEscape) }
        let scalar = text[place]
        place += 1
        switch scalar {
        case "d": return .digits
        case "D": return CharacterSet.digits.inverted
        case "w": return .words
        case "W": return CharacterSet.words.inverted
        case "s": return .blanks
        case "S": return CharacterSet.blanks.inverted
        case "x":
            let hex = text[place..<min(place + 2, text.count)]
            let digits = String(String.UnicodeScalarView(hex))
            guard hex.count == 2, let code = UInt8(digits, radix: 16), code < 128, hex.first != "+" else {
                throw .regex(start..<min(place + 2, text.count), .badHexEscape)
            }
            place += 2
            return CharacterSet(ranges: [code...code])
        default:
            guard !scalar.isWordCharacter else { throw .regex(start..<place, .unknownEscape(scalar)) }
            return CharacterSet(ranges: [UInt8(scalar.value)...UInt8(scalar.value)])
        }
    }

    private mutating func characterClass() throws(FilterPatternError) -> CharacterSet {
        let start = place
        place += 1
        let negated = place < text.count && text[place] == "^"
        if negated { place += 1 }
        var set = CharacterSet()
        var isEmpty = true
        while place < text.count, text[place] != "]" {
            isEmpty = false
            let begin = place
            let (members, first) = try classMember()
            guard place + 1 < text.count, text[place] == "-", text[place + 1] != "]" else {
                set.formUnion(members)
                continue
            }
            place += 1
            let (_, last) = try classMember()
            guard let first, let last, first <= last else { throw .regex(begin..<place, .badRange) }
            set.insert(first...last)
        }
        guard place < text.count else { throw .regex(start..<start + 1, .unclosedClass) }
        place += 1
        guard !isEmpty else { throw .regex(start..<place, .emptyClass) }
        return negated ? set.inverted : set
    }

    /// A member of a class, and its code when it is a single character, which alone can bound a range.
    private mutating func classMember() throws(FilterPatternError) -> (CharacterSet, UInt8?) {
        if text[place] == "\\" {
            let set = try escape()
            let count = set.low.nonzeroBitCount + set.high.nonzeroBitCount
            guard count == 1, !set.holdsOther else { return (set, nil) }
            return (set, UInt8(set.low != 0 ? set.low.trailingZeroBitCount : 64 + set.high.trailingZeroBitCount))
        }
        let code = UInt8(text[place].value)
        place += 1
        return (CharacterSet(ranges: [code...code]), code)
    }

    /// The repetition after an item; once when there is none. A `?` after it asks for the shortest match, which
    /// changes where a match ends but never whether there is one.
    private mutating func quantifier() throws(FilterPatternError) -> (minimum: Int, maximum: Int?) {
        guard place < text.count else { return (1, 1) }
        let start = place
        let bounds: (Int, Int?)
        switch text[place] {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{": bounds = try counts()
        default: return (1, 1)
        }
        place += 1
        if place < text.count, text[place] == "?" { place += 1 }
        if place < text.count, ["*", "+", "?", "{"].contains(text[place]) {
            throw .regex(start..<place + 1, .repeatedQuantifier)
        }
        return bounds
    }

    /// `{n}`, `{n,}`, `{,m}` and `{n,m}`, blanks allowed around the numbers; leaves `place` at the brace that closes.
    private mutating func counts() throws(FilterPatternError) -> (Int, Int?) {
        let start = place
        guard let close = text[place...].firstIndex(of: "}") else {
            throw .regex(start..<start + 1, .badCount)
        }
        let parts = text[(start + 1)..<close].split(separator: ",", omittingEmptySubsequences: false)
        var numbers: [Int?] = []
        for part in parts {
            let digits = part.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()
            guard digits.allSatisfy(\.isDigit), digits.count < 10 else { throw .regex(start..<close + 1, .badCount) }
            numbers.append(Int(String(String.UnicodeScalarView(digits))))
        }
        place = close
        let largest = numbers.compactMap(\.self).max()
        guard let largest, numbers.count <= 2 else { throw .regex(start..<close + 1, .badCount) }
        guard largest <= RegularExpression.maximumCount else { throw .regex(start..<close + 1, .countTooLarge) }
        let minimum = numbers[0] ?? 0
        let maximum = numbers.count == 1 ? numbers[0] : numbers[1]
        if let maximum, maximum < minimum { throw .regex(start..<close + 1, .badCount) }
        return (minimum, maximum)
    }
}
