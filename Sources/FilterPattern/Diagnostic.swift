/// Something to say about a place in a pattern: an error, or a warning about a legal one.
public struct Diagnostic: Hashable, Sendable {
    public enum Severity: String, Sendable {
        /// The service refuses the pattern.
        case error
        /// Legal, but probably not what was meant.
        case warning
        /// Worth knowing.
        case note
    }

    public var severity: Severity
    /// A short stable name such as `missing-dot`, for programs.
    public var code: String
    /// Where, in Unicode scalars from the begin of the text.
    public var place: Range<Int>
    /// What is wrong, in one line.
    public var message: String
    /// What to write instead, or what follows from it.
    public var advice: String?

    public init(_ severity: Severity, _ code: String, at place: Range<Int>, _ message: String, advice: String? = nil) {
        self.severity = severity
        self.code = code
        self.place = place
        self.message = message
        self.advice = advice
    }
}

/// Why a text is no filter pattern.
public struct FilterPatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How CloudWatch Logs tells the faults apart; its own messages follow from this.
    public enum Fault: Hashable, Sendable {
        /// A character that may not stand in a term or literal.
        case invalidCharacters(String)
        /// `{` without `}`.
        case missingClosingBrace
        /// More than 1,024 characters.
        case tooLong
        /// Everything else.
        case syntax
    }

    public var fault: Fault
    public var diagnostic: Diagnostic

    init(_ fault: Fault, _ code: String, at place: Range<Int>, _ message: String, advice: String? = nil) {
        self.fault = fault
        diagnostic = Diagnostic(.error, code, at: place, message, advice: advice)
    }

    init(_ code: String, at place: Range<Int>, _ message: String, advice: String? = nil) {
        self.init(.syntax, code, at: place, message, advice: advice)
    }

    public var description: String {
        "\(diagnostic.message) at column \(diagnostic.place.lowerBound + 1)"
    }

    /// The text of the service for this fault; `PutMetricFilter` names the kind of filter, other operations do not.
    public func serviceMessage(metricFilter: Bool) -> String {
        switch fault {
        case .invalidCharacters(let characters): "Invalid character(s) in term '\(characters)'"
        case .missingClosingBrace: "If a filter pattern starts with '{' it must end with '}'"
        case .tooLong:
            "1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: "
                + "Member must have length less than or equal to \(FilterPattern.maximumLength)"
        case .syntax: metricFilter ? "Invalid metric filter pattern" : "Invalid filter pattern"
        }
    }

    func moved(by offset: Int) -> FilterPatternError {
        var error = self
        error.diagnostic.place = diagnostic.place.lowerBound + offset..<diagnostic.place.upperBound + offset
        return error
    }
}

/// What can be wrong between two percent signs.
enum RegexFault {
    case forbiddenCharacter(Unicode.Scalar)
    case nothingToRepeat
    case tooLarge
    case unfinishedEscape
    case badHexEscape
    case unknownEscape(Unicode.Scalar)
    case badRange
    case unclosedClass
    case emptyClass
    case repeatedQuantifier
    case badCount
    case countTooLarge
}

extension FilterPatternError {
    static func regex(_ place: Range<Int>, _ fault: RegexFault) -> FilterPatternError {
        func error(_ code: String, _ message: String, _ advice: String? = nil) -> FilterPatternError {
            FilterPatternError("regex-" + code, at: place, message, advice: advice)
        }
        switch fault {
        case .forbiddenCharacter(let scalar):
            let hex = scalar.isASCII ? String(scalar.value, radix: 16, uppercase: true) : ""
            let code = hex.count == 1 ? "0" + hex : hex
            return error(
                "character", "`\(scalar)` may not stand in a regular expression",
                scalar == "(" || scalar == ")"
                    ? "there are no groups; write the alternatives out: `a|b`, or use \\x\(code) for the character"
                    : scalar.isASCII
                        ? "write \\x\(code) for this character" : "only ASCII is allowed; `.` stands for one character")
        case .nothingToRepeat:
            return error("repeat", "nothing to repeat before this", "write `\\` before it to mean the character")
        case .tooLarge:
            return error("size", "the counts unfold to more than \(RegularExpression.maximumSize) characters")
        case .unfinishedEscape:
            return error("escape", "`\\` at the end escapes nothing", "write `\\\\` for a backslash")
        case .badHexEscape:
            return error("escape", "`\\x` needs two hexadecimal digits of an ASCII character", "as in \\x21")
        case .unknownEscape(let scalar):
            return error("escape", "`\\\(scalar)` is not known", "known are \\d \\D \\s \\S \\w \\W and \\xHH")
        case .badRange: return error("range", "this range does not go from a character to a later one")
        case .unclosedClass: return error("class", "`[` without `]`", "write `\\[` to mean the bracket")
        case .emptyClass: return error("class", "an empty class matches nothing", "write `\\[\\]` to mean the brackets")
        case .repeatedQuantifier: return error("repeat", "a quantifier after a quantifier")
        case .badCount: return error("count", "not a count", "write {n}, {n,}, {,m} or {n,m}; \\{ means the brace")
        case .countTooLarge: return error("count", "counts go up to \(RegularExpression.maximumCount)")
        }
    }
}
