/// The path of a JSON pattern from the top object to a value: `$.userIdentity.type`, `$.resources[*].ARN`.
public struct Selector: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        /// The member of that name.
        case key(String)
        /// The element at that place, counted from 0.
        case index(Int)
        /// `[*]`: every element of an array.
        case anyElement
        /// `.*`: every member of an object, its direct children only.
        case anyMember
    }

    /// At least one step; the first is a key or `anyMember`, since the message is an object.
    public var steps: [Step]

    public init(_ steps: [Step]) {
        self.steps = steps
    }

    /// A path of plain keys, such as `Selector("userIdentity", "type")`.
    public init(_ keys: String...) {
        steps = keys.map(Step.key)
    }

    /// Whether the selector can find several values. A condition then holds if one of them passes.
    public var isWildcard: Bool {
        steps.contains(.anyElement) || steps.contains(.anyMember)
    }
}

extension Unicode.Scalar {
    /// Letters, digits and `_`: what a term may hold without quotes.
    var isWordCharacter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }

    /// What a key may hold after a period, and a field name.
    var isKeyCharacter: Bool { isWordCharacter || self == "-" }

    /// What a literal may hold without quotes.
    var isBareCharacter: Bool {
        switch self {
        case ".", "*", "-", "+", ":", "/": true
        default: isWordCharacter
        }
    }

    /// What separates tokens and means nothing else.
    var isBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" }

    var isDigit: Bool { ("0"..."9").contains(self) }
}

extension Selector {
    /// Reads a selector as a pattern writes it: `$.userIdentity.type`. Nil when it is none.
    public init?(text: String) {
        guard case .json(.leaf(let condition))? = try? FilterPattern("{ \(text) = * }") else { return nil }
        self = condition.selector
    }
}
