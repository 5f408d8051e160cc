/// A command of the tool: what help, completions, the manual page and the parser know of it.
struct Command: Sendable {
    struct Option: Sendable {
        /// With its dashes, as in `--since`.
        var name: String
        /// The word for its value; nil for a switch.
        var value: String?
        var help: String
        /// What a shell may offer as values.
        var choices: [String] = []
        /// Whether it may be given several times.
        var isRepeatable = false
        /// Whether the file of settings may hold JSON objects for it.
        var takesObjects = false
    }

    struct Argument: Sendable {
        /// As in `PATH…`.
        var name: String
        var help: String
        var isOptional = false
        /// Whether a shell should offer files.
        var isFile = false
    }

    /// One or two words: `scan`, `filter check`.
    var name: String
    /// One line.
    var summary: String
    /// Paragraphs.
    var discussion: [String]
    var arguments: [Argument]
    var options: [Option]
    var examples: [(line: String, meaning: String)]
    var run: @Sendable (Invocation) throws(UsageError) -> ExitStatus

    var words: [String] { name.split(separator: " ").map(String.init) }

    var usage: String {
        let placed = arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
        return (["trailwarden", name] + placed + (options.isEmpty ? [] : ["[options]"])).joined(separator: " ")
    }
}

/// A wrong command line, in the words for its writer.
struct UsageError: Error {
    var message: String
    var advice: String?
    /// Whether the place of the fault has been shown already.
    var isShown = false

    init(_ message: String, advice: String? = nil) {
        self.message = message
        self.advice = advice
    }

    /// For a fault that has been shown in a form of its own.
    static var shown: UsageError {
        var error = UsageError("")
        error.isShown = true
        return error
    }
}

/// The arguments of one call, taken apart.
struct Invocation {
    private(set) var arguments: [String] = []
    private var values: [String: [String]] = [:]
    private var switches: Set<String> = []

    /// Reads the words behind the name of the command. Options may stand anywhere; `--` ends them.
    init(_ words: [String], of command: Command) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                break
            }
            // A pattern may begin with a dash; nothing else but an option does.
            let mayBePattern =
                command.arguments.first?.name == "PATTERN" && arguments.isEmpty && !word.hasPrefix("--")
            guard word.hasPrefix("-"), word.count > 1, !mayBePattern else {
                arguments.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = command.options.first(where: { $0.name == name }) else {
                let known = command.options.map(\.name)
                let near = known.first { $0.hasPrefix(name) || name.hasPrefix($0) }
                throw UsageError(
                    "unknown option `\(name)`",
                    advice: near.map { "did you mean `\($0)`?" }
                        ?? "`trailwarden \(command.name) --help` lists the options")
            }
            if option.value == nil {
                guard parts.count == 1 else { throw UsageError("`\(name)` takes no value") }
                switches.insert(name)
            } else if parts.count == 2 {
                values[name, default: []].append(String(parts[1]))
            } else if let value = rest.popFirst() {
                values[name, default: []].append(value)
            } else {
                throw UsageError("`\(name)` needs a value: \(name) \(option.value ?? "")")
            }
        }
        let needed = command.arguments.filter { !$0.isOptional }
        if arguments.count < needed.count {
            throw UsageError("missing \(needed[arguments.count].name)", advice: "usage: \(command.usage)")
        }
        let takesMany = command.arguments.last?.name.contains("…") == true
        if !takesMany, arguments.count > command.arguments.count {
            throw UsageError(
                "unexpected `\(arguments[command.arguments.count])`",
                advice: command.arguments.isEmpty
                    ? "usage: \(command.usage)" : "a pattern is one argument: put it in single quotes")
        }
    }

    /// The value of an option; of several the last.
    func value(_ name: String) -> String? { values[name]?.last }
    func values(_ name: String) -> [String] { values[name] ?? [] }
    func has(_ name: String) -> Bool { switches.contains(name) }
}
