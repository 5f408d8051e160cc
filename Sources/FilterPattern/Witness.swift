/// Small events made to show what a pattern does.
enum Witness {
    /// For `A || B && C`: an event that matches by `A` although it fails `C`; nil where none is easily made.
    static func mixed(_ formula: Formula<Condition>) -> String? {
        guard case .any(let alternatives) = formula else { return nil }
        var alone: Condition?
        var required: [Condition] = []
        for alternative in alternatives {
            switch alternative {
            case .leaf(let condition): if alone == nil { alone = condition }
            case .all(let parts):
                // Conditions of one alternative that were meant for all.
                required = parts.compactMap { if case .leaf(let condition) = $0 { condition } else { nil } }
            case .any: break
            }
        }
        guard let alone, let first = passing(alone) else { return nil }
        let failed = required.filter { $0.selector != alone.selector }.compactMap(failing)
        guard !failed.isEmpty else { return nil }
        var members: [(selector: Selector, value: String)] = [first]
        for (selector, value) in failed where !members.contains(where: { $0.selector == selector }) {
            members.append((selector, value))
        }
        return json(members)
    }

    /// A text that passes the test of a condition.
    private static func passing(_ condition: Condition) -> (selector: Selector, value: String)? {
        guard case .equals(.text(let text)) = condition.test else { return nil }
        return (condition.selector, example(text))
    }

    private static func failing(_ condition: Condition) -> (selector: Selector, value: String)? {
        switch condition.test {
        case .notEquals(.text(let text)): return (condition.selector, example(text))
        case .equals(.text(let text)) where text.shape != .anything: return (condition.selector, "other")
        default: return nil
        }
    }

    private static func example(_ text: TextLiteral) -> String {
        switch text.shape {
        case .exact(let text): text
        case .prefix(let text): text
        case .suffix(let text): "Client.\(text)"
        case .contains(let text): "X\(text)X"
        case .anything: "x"
        }
    }

    /// An object with texts at paths of keys.
    private static func json(_ members: [(selector: Selector, value: String)]) -> String? {
        var texts: [String] = []
        for (selector, value) in members {
            guard selector.steps.count == 1, case .key(let key) = selector.steps[0] else { return nil }
            let escaped = value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
            texts.append("\"\(key)\":\"\(escaped)\"")
        }
        return "{\(texts.joined(separator: ","))}"
    }
}
