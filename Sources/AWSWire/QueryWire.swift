internal import AWSCore
public import WireValues

/// Parameters of the Query protocol to values, and values to its XML.
public enum QueryWire {
    /// The tree that names such as `Dimensions.member.1.Name` make.
    private final class Node {
        var text: String?
        var names: [String] = []
        var children: [String: Node] = [:]

        func child(_ name: String) -> Node {
            if let child = children[name] { return child }
            let child = Node()
            children[name] = child
            names.append(name)
            return child
        }

        private var inOrder: [Node] {
            names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }.compactMap { children[$0] }
        }

        var value: WireValue {
            if names == ["member"], let list = children["member"] { return .list(list.inOrder.map(\.value)) }
            if names == ["entry"], let map = children["entry"] {
                return .map(
                    map.inOrder.map { entry in
                        let name = entry.children["key"] ?? entry.children["Name"]
                        let value = entry.children["value"] ?? entry.children["Value"]
                        return WireMember(name?.text ?? "", value?.value ?? .string(""))
                    })
            }
            if !names.isEmpty {
                return .structure(names.map { WireMember($0, children[$0]?.value ?? .null) })
            }
            return .string(text ?? "")
        }
    }

    public static func parse(_ parameters: [(name: String, value: String)]) -> WireValue {
        let root = Node()
        for (name, value) in parameters {
            var node = root
            for part in name.split(separator: ".").prefix(32) { node = node.child(String(part)) }
            node.text = value
        }
        return root.names.isEmpty ? .empty : root.value
    }

    // MARK: Writing

    static func response(_ operation: String, _ output: WireValue?, namespace: String, requestID: String) -> String {
        var text = "<\(operation)Response xmlns=\"\(namespace)\">"
        if let output {
            text += "<\(operation)Result>"
            write(members: output.members, to: &text)
            text += "</\(operation)Result>"
        }
        return text
            + "<ResponseMetadata><RequestId>\(requestID)</RequestId></ResponseMetadata></\(operation)Response>\n"
    }

    static func response(_ fault: AWSFault, namespace: String, requestID: String) -> String {
        var text =
            "<ErrorResponse xmlns=\"\(namespace)\"><Error><Type>\(fault.isReceiver ? "Receiver" : "Sender")</Type>"
        text += "<Code>\(escapedXML(fault.queryCode))</Code>"
        if let message = fault.message { text += "<Message>\(escapedXML(message))</Message>" }
        return text + "</Error><RequestId>\(requestID)</RequestId></ErrorResponse>\n"
    }

    private static func write(members: [WireMember], to text: inout String) {
        for member in members where member.value != .null {
            text += "<\(member.name)>"
            write(member.value, to: &text)
            text += "</\(member.name)>"
        }
    }

    private static func write(_ value: WireValue, to text: inout String) {
        switch value {
        case .null: break
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += String(value)
        case .string(let value): text += escapedXML(value)
        case .blob(let bytes): text += Base64.encode(bytes)
        case .timestamp(let time): text += time.description
        case .list(let elements):
            for element in elements {
                text += "<member>"
                write(element, to: &text)
                text += "</member>"
            }
        case .structure(let members): write(members: members, to: &text)
        case .map(let members):
            for member in members {
                text += "<entry><key>\(escapedXML(member.name))</key><value>"
                write(member.value, to: &text)
                text += "</value></entry>"
            }
        }
    }
}
