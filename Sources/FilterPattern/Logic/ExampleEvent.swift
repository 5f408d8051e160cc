/// An event made of what a search found: JSON with just those members.
struct ExampleEvent {
    private indirect enum Value {
        case scalar(FoundValue)
        case object([(key: String, value: Value)])
        case array([Value])
    }

    private var root = Value.object([])
    /// A message that is no JSON.
    private var plain: String?
    /// Whether everything could be put where it belongs.
    private(set) var isWhole = true

    init(_ problem: Problem, _ assignment: Search.Assignment) {
        var words: [String] = []
        for (variable, content) in assignment.sorted(by: { $0.key < $1.key }) {
            switch (problem.variables[variable].subject, content) {
            case (.value(let selector), .one(let value)):
                if value != .nothing { put(value, at: selector.steps[...], number: 0) }
            case (.value(let selector), .several(let values)):
                for (number, value) in values.enumerated() { put(value, at: selector.steps[...], number: number) }
            case (.term(.text(let text)), .holds(true)): words.append(text)
            case (.term(.regex), .holds(true)), (.fields, .holds(true)), (_, .phantom): isWhole = false
            default: break
            }
        }
        let isObject = !assignment.contains {
            problem.variables[$0.key].subject == .object && $0.value == .holds(false)
        }
        guard isObject else {
            plain = words.isEmpty ? "x" : words.joined(separator: " ")
            return
        }
        for (number, word) in words.enumerated() {
            put(.text(word), at: [.key("additionalEventData"), .key("word\(number + 1)")], number: 0)
        }
    }

    private mutating func put(_ value: FoundValue, at steps: ArraySlice<Selector.Step>, number: Int) {
        guard let whole = Self.adding(value, at: steps, number: number, to: root) else {
            isWhole = false
            return
        }
        root = whole
    }

    /// Nil when something else stands there.
    private static func adding(
        _ value: FoundValue, at steps: ArraySlice<Selector.Step>, number: Int, to present: Value?
    ) -> Value? {
        guard let step = steps.first else {
            switch (value, present) {
            case (.container, nil): return .object([])
            case (.container, .object?), (.container, .array?): return present
            case (_, nil): return .scalar(value)
            default: return nil
            }
        }
        let rest = steps.dropFirst()
        switch step {
        case .key(let key): return adding(value, at: rest, number: number, to: present, key: key)
        case .anyMember: return adding(value, at: rest, number: number, to: present, key: "member\(number + 1)")
        case .index(let index): return adding(value, at: rest, number: number, to: present, index: index)
        case .anyElement: return adding(value, at: rest, number: number, to: present, index: number)
        }
    }

    private static func adding(
        _ value: FoundValue, at steps: ArraySlice<Selector.Step>, number: Int, to present: Value?, key: String
    ) -> Value? {
        var members: [(key: String, value: Value)]
        switch present {
        case .object(let present)?: members = present
        case nil: members = []
        default: return nil
        }
        let place = members.firstIndex { $0.key == key }
        guard let member = adding(value, at: steps, number: number, to: place.map { members[$0].value }) else {
            return nil
        }
        if let place { members[place].value = member } else { members.append((key, member)) }
        return .object(members)
    }

    private static func adding(
        _ value: FoundValue, at steps: ArraySlice<Selector.Step>, number: Int, to present: Value?, index: Int
    ) -> Value? {
        var elements: [Value]
        switch present {
        case .array(let present)?: elements = present
        case .object(let members)? where members.isEmpty: elements = []
        case nil: elements = []
        default: return nil
        }
        // An event with a thousand elements shows nothing to anybody.
        guard index < 1000 else { return nil }
        let isNew = index >= elements.count
        while elements.count <= index { elements.append(.scalar(.null)) }
        guard let element = adding(value, at: steps, number: number, to: isNew ? nil : elements[index]) else {
            return nil
        }
        elements[index] = element
        return .array(elements)
    }

    // MARK: As text

    /// JSON, unless it had to be something else.
    var json: String { plain ?? Self.text(root) }

    private static func text(_ value: Value) -> String {
        switch value {
        case .object(let members):
            "{" + members.map { "\(quoted($0.key)):\(text($0.value))" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(text).joined(separator: ",") + "]"
        case .scalar(let value):
            switch value {
            case .nothing, .null, .container: "null"
            case .bool(let bool): bool ? "true" : "false"
            case .number(let text): text
            case .text(let text): quoted(text)
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1F}":
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
