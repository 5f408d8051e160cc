// Prints patterns in one canonical form. Reading the text gives the same pattern back.

extension FilterPattern: CustomStringConvertible {
    public var description: String {
        switch self {
        case .everything: ""
        case .terms(let terms): terms.description
        case .json(let formula): "{ \(formula.text { $0.description }) }"
        case .spaceDelimited(let pattern): pattern.description
        }
    }

    /// The shortest text that reads as this pattern: no blanks, and quotes only where they are needed.
    public var compactDescription: String {
        switch self {
        case .json(let formula): "{\(formula.text(blanks: false) { $0.text(compact: true) })}"
        default: description
        }
    }
}

extension Formula {
    /// The expression with parentheses where the shape needs them.
    func text(blanks: Bool = true, _ leaf: (Leaf) -> String) -> String {
        let blank = blanks ? " " : ""
        switch self {
        case .leaf(let value): return leaf(value)
        case .all(let parts):
            return parts.map { part in
                if case .leaf = part { return part.text(blanks: blanks, leaf) }
                return "(\(part.text(blanks: blanks, leaf)))"
            }.joined(separator: "\(blank)&&\(blank)")
        case .any(let parts):
            return parts.map { part in
                // `&&` binds tighter, so its parentheses are for the reader only.
                if case .leaf = part { return part.text(blanks: blanks, leaf) }
                if case .all = part, !blanks { return part.text(blanks: blanks, leaf) }
                return "(\(part.text(blanks: blanks, leaf)))"
            }.joined(separator: "\(blank)||\(blank)")
        }
    }
}

extension Condition: CustomStringConvertible {
    public var description: String { text(compact: false) }

    func text(compact: Bool) -> String {
        let test = test.text(compact: compact)
        let isKeyword = test.first?.isLetter == true
        return compact && !isKeyword ? "\(selector)\(test)" : "\(selector) \(test)"
    }
}

extension ValueTest: CustomStringConvertible {
    public var description: String { text(compact: false) }

    func text(compact: Bool) -> String {
        let blank = compact ? "" : " "
        switch self {
        case .equals(let literal): return "=\(blank)\(literal.text(compact: compact))"
        case .notEquals(let literal): return "!=\(blank)\(literal.text(compact: compact))"
        case .less(let number): return "<\(blank)\(number.text)"
        case .lessOrEqual(let number): return "<=\(blank)\(number.text)"
        case .greater(let number): return ">\(blank)\(number.text)"
        case .greaterOrEqual(let number): return ">=\(blank)\(number.text)"
        case .isNull: return "IS NULL"
        case .isTrue: return "IS TRUE"
        case .isFalse: return "IS FALSE"
        case .notExists: return "NOT EXISTS"
        }
    }
}

extension Literal: CustomStringConvertible {
    public var description: String { text(compact: false) }

    func text(compact: Bool) -> String {
        switch self {
        case .number(let number): return number.text
        case .regex(let expression): return "%\(expression.source)%"
        case .text(let literal):
            // Other characters may stand without quotes too, but the guide does not promise it (U1).
            let isBare =
                !literal.text.isEmpty
                && literal.text.unicodeScalars.allSatisfy { $0.isWordCharacter || $0 == "." || $0 == "*" }
            return compact && isBare && NumberLiteral(literal.text) == nil ? literal.text : quote(literal.text)
        }
    }
}

extension Selector: CustomStringConvertible {
    public var description: String {
        steps.reduce(into: "$") { text, step in
            switch step {
            case .key(let key) where !key.isEmpty && key.unicodeScalars.allSatisfy(\.isKeyCharacter): text += ".\(key)"
            case .key(let key): text += ".['\(key)']"
            case .index(let index): text += "[\(index)]"
            case .anyElement: text += "[*]"
            case .anyMember: text += ".*"
            }
        }
    }
}

extension TermPattern: CustomStringConvertible {
    public var description: String {
        terms.map { term in
            let sign =
                switch term.role {
                case .include: ""
                case .exclude: "-"
                case .optional: "?"
                }
            switch term.atom {
            case .regex(let expression): return "\(sign)%\(expression.source)%"
            case .text(let text):
                let isWord = !text.isEmpty && text.unicodeScalars.allSatisfy(\.isWordCharacter)
                return sign + (isWord ? text : quote(text))
            }
        }.joined(separator: " ")
    }
}

extension SpaceDelimitedPattern: CustomStringConvertible {
    public var description: String {
        let texts = fields.map { field in
            switch field {
            case .unnamed: ""
            case .ellipsis: "..."
            case .named(let name): name
            case .tested(let name, let tests): tests.text { "\(name) \($0)" }
            }
        }
        // One unnamed field alone would read as no field at all.
        return texts == [""] ? "[]" : "[\(texts.joined(separator: ", "))]"
    }
}

private func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
        quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
}
