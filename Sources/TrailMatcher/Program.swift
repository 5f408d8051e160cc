/// One test of a compiled pattern, with where to go on.
///
/// A pattern is a row of these: each leaf of its formula once, in the order of the text, jumping over what no longer
/// matters. So evaluating is a walk without a stack.
struct Instruction: BitwiseCopyable {
    enum Operation: UInt8, BitwiseCopyable {
        // On a value:
        case equalsText, hasPrefix, hasSuffix, containsText, isAnything
        case equalsNumber, less, lessOrEqual, greater, greaterOrEqual
        case matchesRegex
        case isNull, isTrue, isFalse, notExists
        // On the message:
        case messageContains, messageMatchesRegex
        case isObject
        case hasFields
        case always
    }

    var operation: Operation
    /// Whether the test is the contrary one; for a value, only if there is one that can be compared.
    var isNegated: Bool = false
    /// The value asked for, or the term, or the least number of fields.
    var subject: Int32 = 0
    /// The text, number or expression it is compared with.
    var operand: Int32 = 0
    /// The next instruction, or one of the ends.
    var onTrue: Int32 = Instruction.match
    var onFalse: Int32 = Instruction.noMatch

    static let match: Int32 = -1
    static let noMatch: Int32 = -2
}

/// Where the value of a field comes from.
enum FieldPlace: Hashable, Sendable, BitwiseCopyable {
    /// The field at this place, from 0.
    case fromStart(Int)
    /// The same, but all the rest of the message when there are more fields.
    case restFrom(Int)
    /// The field at this place before the end; 1 is the last one.
    case fromEnd(Int)
}

/// What a pattern can ask the value of.
enum ValueSource: Hashable, Sendable {
    /// The place that keys and indexes lead to.
    case node(Int)
    /// All places that a path with a wildcard leads to, from a node on.
    case paths(from: Int, WildcardPath)
    case field(FieldPlace)
}

/// The part of a selector from its wildcard on.
struct WildcardPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case key([UInt8])
        case index(Int)
        case anyElement
        case anyMember
    }

    var steps: [Step]
}

/// The type of a value, as tests see it.
enum ValueKind: UInt8, BitwiseCopyable {
    case absent, string, number, `true`, `false`, null, object, array
    /// A field of a space-delimited message, which may read as a number.
    case field

    /// Whether there is a text to compare with.
    @inline(__always)
    var hasText: Bool {
        switch self {
        case .string, .number, .true, .false, .field: true
        default: false
        }
    }
}

/// A value found in an event. The text is that of a string without quotes and escapes, or a number or keyword as it
/// was written.
struct Value: BitwiseCopyable {
    var text: UnsafePointer<UInt8>?
    var count: Int32
    var kind: ValueKind
}
