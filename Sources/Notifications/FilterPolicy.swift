internal import AWSCore
internal import WireValues

/// Which of a topic's messages a subscription wants (SNS Developer Guide, "Subscription filter policies").
public struct FilterPolicy: Sendable {
    public enum Scope: String, Sendable { case attributes = "MessageAttributes", body = "MessageBody" }

    /// What is wrong with a policy, in SNS's words.
    public struct Fault: Error, Hashable, Sendable {
        public var message: String
        /// Whether there are too many keys or values: SNS words that otherwise.
        public var isAboutScope = false
    }

    private indirect enum Node: Sendable {
        case values([Match])
        case members([(String, Node)])
        /// Of several nodes on the same value one must match.
        case either([Node])
    }

    private enum Match: Sendable {
        case equals(WireValue)
        case prefix(String)
        case suffix(String)
        case equalsIgnoreCase(String)
        case wildcard(String)
        case anythingBut([WireValue])
        case anythingButPrefix(String)
        case numeric([(String, Double)])
        case exists(Bool)
        case cidr(UInt128, UInt128)
    }

    private let root: Node
    private let scope: Scope

    /// - Parameter text: JSON.
    public init(_ text: String, scope: Scope) throws(Fault) {
        guard case .structure(let members)? = JSONWire.parse(text) else {
            throw Fault(message: "FilterPolicy: failed to parse JSON.")
        }
        self.scope = scope
        var keys = 0
        var combinations = 1
        root = try Self.node(members, scope: scope, depth: 1, &keys, &combinations)
        if keys > 5 { throw Fault(message: "FilterPolicy: Filter policy can not have more than 5 keys") }
        if combinations > 150 { throw Fault(message: "FilterPolicy: Filter policy is too complex") }
    }

    private static func node(
        _ members: [WireMember], scope: Scope, depth: Int, _ keys: inout Int, _ combinations: inout Int
    ) throws(Fault) -> Node {
        var nodes: [(String, Node)] = []
        for member in members {
            if member.name == "$or", case .list(let alternatives) = member.value {
                var either: [Node] = []
                for case .structure(let inner) in alternatives {
                    either.append(try node(inner, scope: scope, depth: depth, &keys, &combinations))
                }
                nodes.append(("$or", .either(either)))
                continue
            }
            switch member.value {
            case .structure(let inner):
                guard scope == .body else {
                    throw Fault(
                        message: "Filter policy scope MessageAttributes does not support nested filter policy",
                        isAboutScope: true)
                }
                nodes.append((member.name, try node(inner, scope: scope, depth: depth + 1, &keys, &combinations)))
            case .list(let values):
                if values.isEmpty { throw Fault(message: "FilterPolicy: Empty arrays are not allowed") }
                keys += 1
                combinations *= values.count * (scope == .body ? depth : 1)
                var matches: [Match] = []
                for value in values { matches.append(try match(value)) }
                nodes.append((member.name, .values(matches)))
            default: throw Fault(message: "FilterPolicy: \"\(member.name)\" must be an object or an array")
            }
        }
        return .members(nodes)
    }

    private static func match(_ value: WireValue) throws(Fault) -> Match {
        switch value {
        case .string, .integer, .number, .bool, .null: return .equals(value)
        case .structure(let members):
            guard members.count == 1 else {
                throw Fault(message: "FilterPolicy: Only one key allowed in match expression")
            }
            return try test(members[0].name, members[0].value)
        default: throw Fault(message: "FilterPolicy: Match value must be String, number, true, false, or null")
        }
    }

    private static func test(_ name: String, _ value: WireValue) throws(Fault) -> Match {
        func text() throws(Fault) -> String {
            guard case .string(let text) = value else {
                throw Fault(message: "FilterPolicy: \(name) match pattern must be a string")
            }
            return text
        }
        switch name {
        case "prefix": return .prefix(try text())
        case "suffix": return .suffix(try text())
        case "equals-ignore-case": return .equalsIgnoreCase(try text().lowercased())
        case "wildcard": return .wildcard(try text())
        case "exists":
            guard case .bool(let exists) = value else {
                throw Fault(message: "FilterPolicy: exists match pattern must be either true or false.")
            }
            return .exists(exists)
        case "anything-but":
            switch value {
            case .list(let values): return .anythingBut(values)
            case .structure(let members):
                guard members.count == 1, members[0].name == "prefix", case .string(let prefix) = members[0].value
                else {
                    throw Fault(message: "FilterPolicy: Unsupported anything-but pattern: \(members.first?.name ?? "")")
                }
                return .anythingButPrefix(prefix)
            default: return .anythingBut([value])
            }
        case "numeric": return .numeric(try numeric(value))
        case "cidr":
            let parts = try text().split(separator: "/")
            guard parts.count == 2 else { throw Fault(message: "FilterPolicy: Malformed CIDR, one '/' required") }
            guard let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
                (0...address.bits).contains(length)
            else { throw Fault(message: "FilterPolicy: Malformed CIDR") }
            let mask = IPAddress.mask(length: length, bits: address.bits)
            return .cidr(address.value & mask, mask)
        default: throw Fault(message: "FilterPolicy: Unrecognized match type \(name)")
        }
    }

    /// Read from left to right, so that the first fault is the one that is told, as the service does.
    private static func numeric(_ value: WireValue) throws(Fault) -> [(String, Double)] {
        guard case .list(let parts) = value, let head = parts.first else {
            throw Fault(message: "FilterPolicy: Invalid member in numeric match: ]")
        }
        guard case .string(let name) = head else {
            throw Fault(message: "FilterPolicy: Invalid member in numeric match: \(JSONWire.text(head))")
        }
        guard ["=", "<", "<=", ">", ">="].contains(name) else {
            throw Fault(message: "FilterPolicy: Unrecognized numeric range operator: \(name)")
        }
        let bound = try bound(parts, 1, of: name)
        guard parts.count > 2 else { return [(name, bound)] }
        guard name.hasPrefix(">") else {
            throw Fault(message: "FilterPolicy: Too many elements in numeric expression")
        }
        guard case .string(let second) = parts[2] else {
            throw Fault(message: "FilterPolicy: Bad value in numeric range: \(JSONWire.text(parts[2]))")
        }
        guard second.hasPrefix("<"), ["<", "<="].contains(second) else {
            throw Fault(message: "FilterPolicy: Bad numeric range operator: \(second)")
        }
        let top = try self.bound(parts, 3, of: second)
        guard bound < top else { throw Fault(message: "FilterPolicy: Bottom must be less than top") }
        guard parts.count == 4 else {
            throw Fault(message: "FilterPolicy: Too many elements in numeric expression")
        }
        return [(name, bound), (second, top)]
    }

    private static func bound(_ parts: [WireValue], _ place: Int, of name: String) throws(Fault) -> Double {
        guard place < parts.count, let number = number(parts[place]) else {
            throw Fault(message: "FilterPolicy: Value of \(name == "=" ? "equals" : name) must be numeric")
        }
        return number
    }

    private static func number(_ value: WireValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    // MARK: Matching

    /// Whether a message is wanted.
    public func admits(message: String, attributes: [String: Delivery.Attribute]) -> Bool {
        switch scope {
        case .attributes:
            let members = attributes.map { name, attribute in
                let value: WireValue =
                    switch attribute.type {
                    case "Number": Double(attribute.value).map(WireValue.number) ?? .string(attribute.value)
                    case "String.Array": JSONWire.parse(attribute.value) ?? .string(attribute.value)
                    default: .string(attribute.value)
                    }
                return WireMember(name, value)
            }
            return Self.holds(root, .structure(members))
        case .body:
            guard let body = JSONWire.parse(message), case .structure = body else { return false }
            return Self.holds(root, body)
        }
    }

    private static func holds(_ node: Node, _ value: WireValue?) -> Bool {
        switch node {
        case .either(let nodes): return nodes.contains { holds($0, value) }
        case .members(let members):
            // Of an array any element will do.
            if case .list(let elements)? = value { return elements.contains { holds(node, $0) } }
            return members.allSatisfy { name, node in
                if name == "$or" { return holds(node, value) }
                return holds(node, value?.members.last { $0.name == name }?.value)
            }
        case .values(let matches):
            guard let value else { return matches.contains { if case .exists(false) = $0 { true } else { false } } }
            if case .list(let elements) = value {
                return elements.contains { element in matches.contains { holds($0, element) } }
            }
            return matches.contains { holds($0, value) }
        }
    }

    private static func holds(_ match: Match, _ value: WireValue) -> Bool {
        let text: String? = if case .string(let text) = value { text } else { nil }
        switch match {
        case .equals(let wanted): return isSame(wanted, value)
        case .prefix(let prefix): return text?.hasPrefix(prefix) == true
        case .suffix(let suffix): return text?.hasSuffix(suffix) == true
        case .equalsIgnoreCase(let wanted): return text?.lowercased() == wanted
        case .wildcard(let pattern): return text.map { matchesWildcard(Array($0.utf8), Array(pattern.utf8)) } == true
        case .anythingBut(let values): return !values.contains { isSame($0, value) }
        case .anythingButPrefix(let prefix): return text.map { !$0.hasPrefix(prefix) } ?? true
        case .exists(let exists): return exists
        case .numeric(let bounds):
            guard let number = number(value) else { return false }
            return bounds.allSatisfy { name, bound in
                switch name {
                case "=": number == bound
                case "<": number < bound
                case "<=": number <= bound
                case ">": number > bound
                default: number >= bound
                }
            }
        case .cidr(let network, let mask):
            guard let address = text.flatMap({ IPAddress($0) }) else { return false }
            return address.value & mask == network
        }
    }

    private static func isSame(_ a: WireValue, _ b: WireValue) -> Bool {
        if let a = number(a), let b = number(b) { return a == b }
        return a == b
    }

    /// `*` stands for any text. Linear in the product of the lengths at most.
    private static func matchesWildcard(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (t, p, star, mark) = (0, 0, -1, 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                (star, mark, p) = (p, t, p + 1)
            } else if p < pattern.count, pattern[p] == text[t] {
                (t, p) = (t + 1, p + 1)
            } else if star >= 0 {
                mark += 1
                (t, p) = (mark, star + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
