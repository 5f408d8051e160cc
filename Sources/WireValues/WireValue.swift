public import AWSCore

/// What goes over the wire, whatever the protocol: the input of an operation as it was parsed, and its output before it
/// is written.
public enum WireValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case blob([UInt8])
    case timestamp(Timestamp)
    case list([WireValue])
    /// A structure: its members in the order in which they are written. Those that are null are left out.
    case structure([WireMember])
    /// A map from strings, which Query writes as entries.
    case map([WireMember])

    public static let empty = WireValue.structure([])

    /// The member of a structure or map; nil when it is absent or null.
    public subscript(_ name: String) -> WireValue? {
        switch self {
        case .structure(let members), .map(let members):
            guard let value = members.last(where: { $0.name == name })?.value, value != .null else { return nil }
            return value
        default: return nil
        }
    }

    /// The member of that name, if it is a string.
    public func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    public var members: [WireMember] {
        switch self {
        case .structure(let members), .map(let members): members
        default: []
        }
    }
}

public struct WireMember: Sendable, Equatable {
    public var name: String
    public var value: WireValue

    public init(_ name: String, _ value: WireValue) {
        self.name = name
        self.value = value
    }
}

extension WireValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: WireValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, WireValue)...) {
        self = .structure(elements.map { WireMember($0, $1) })
    }

    public init(_ value: String?) { self = value.map(WireValue.string) ?? .null }
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    public init(_ value: Double?) { self = value.map(WireValue.number) ?? .null }
    public init(_ value: Bool?) { self = value.map(WireValue.bool) ?? .null }
    public init(_ value: Timestamp?) { self = value.map(WireValue.timestamp) ?? .null }
    public init(_ values: [String]) { self = .list(values.map(WireValue.string)) }
    /// In the order of the keys.
    public init(_ values: [String: String]) {
        self = .map(values.sorted { $0.key < $1.key }.map { WireMember($0.key, .string($0.value)) })
    }

    /// Milliseconds since 1970, as CloudWatch Logs writes times.
    public static func milliseconds(_ time: Timestamp?) -> WireValue {
        time.map { .integer($0.milliseconds) } ?? .null
    }
}
