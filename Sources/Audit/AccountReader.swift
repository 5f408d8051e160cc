public import WireValues

/// Where an audit reads an account: its APIs, or what was saved of their answers.
public protocol AccountReader: Sendable {
    /// The output of a read operation.
    ///
    /// - Parameter service: its name in signatures: `logs`, `cloudtrail`, `monitoring`, `sns` or `sts`.
    func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue
}

/// Why something could not be read.
public struct ReadFailure: Error, Hashable, Sendable {
    /// The service's code, as in `AccessDenied`; empty when there was no answer.
    public var code: String
    public var message: String
    /// What was to be read, as in `sns:ListSubscriptionsByTopic`: the permission it needs.
    public var action: String

    /// The permission that an operation needs.
    public static func action(_ service: String, _ operation: String) -> String {
        "\(service == "monitoring" ? "cloudwatch" : service):\(operation)"
    }

    public init(code: String, message: String, action: String) {
        self.code = code
        self.message = message
        self.action = action
    }

    public var isDenied: Bool {
        ["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"].contains(code)
    }

    /// Whether the service says that there is no such thing.
    public var isNotFound: Bool {
        ["NotFound", "ResourceNotFoundException", "ResourceNotFound", "TrailNotFoundException", "NotFoundException"]
            .contains(code)
    }

    /// Whether the endpoint does not know the service at all, as those that are not AWS may not.
    public var isNoService: Bool { code == "404" || code == "UnknownOperationException" || code == "InvalidAction" }

    /// A page that leads to itself.
    static func repeatedToken(_ action: String) -> ReadFailure {
        ReadFailure(code: "", message: "its pages do not end", action: action)
    }

    /// One sentence for people.
    public var words: String {
        if isDenied { return "not allowed to read it: \(action) is missing" }
        if isNoService { return "the endpoint does not have \(action)" }
        return message.isEmpty ? "\(action) failed: \(code)" : "\(action) failed: \(message)"
    }
}

extension AccountReader {
    /// The regions that are enabled for the account.
    public func enabledRegions(home: String) throws(ReadFailure) -> [String] {
        let wanted = WireMember("RegionOptStatusContains", ["ENABLED", "ENABLED_BY_DEFAULT"])
        return try all(
            "account", "ListRegions", [wanted, WireMember("MaxResults", 50)], list: "Regions", token: "NextToken",
            region: home
        ).compactMap { $0.text("RegionName") }
    }

    /// All elements of a list that comes in pages, a page after the other.
    public func all(
        _ service: String, _ operation: String, _ input: [WireMember], list: String, token: String, region: String
    ) throws(ReadFailure) -> [WireValue] {
        try all(service, operation, input, lists: [list], token: token, region: region)
    }

    /// All elements of lists that come in pages.
    func all(
        _ service: String, _ operation: String, _ input: [WireMember], lists: [String], token: String, region: String
    ) throws(ReadFailure) -> [WireValue] {
        var found: [WireValue] = []
        var next: WireMember?
        repeat {
            let page = try call(service, operation, .structure(input + (next.map { [$0] } ?? [])), region: region)
            for list in lists { found += page.items(list) }
            let place = page.text("NextToken") ?? page.text("nextToken")
            let following = place.map { WireMember(token, .string($0)) }
            if following != nil, following == next { throw ReadFailure.repeatedToken("\(service):\(operation)") }
            next = following
        } while next != nil
        return found
    }
}

// What answers hold, whether their protocol has types (JSON) or not (Query).
extension WireValue {
    func text(_ name: String) -> String? {
        switch self[name] {
        case .string(let text)?: text.isEmpty ? nil : text
        case .integer(let number)?: String(number)
        case .number(let number)?: String(number)
        default: nil
        }
    }

    func number(_ name: String) -> Double? {
        switch self[name] {
        case .integer(let number)?: Double(number)
        case .number(let number)?: number
        case .string(let text)?: Double(text)
        default: nil
        }
    }

    func flag(_ name: String) -> Bool? {
        switch self[name] {
        case .bool(let flag)?: flag
        case .string(let text)?: Bool(text.lowercased())
        default: nil
        }
    }

    func items(_ name: String) -> [WireValue] { if case .list(let items)? = self[name] { items } else { [] } }

    func texts(_ name: String) -> [String] {
        items(name).compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
}
