/// All commands, and the words that lead to them.
enum CommandTable {
    static let commands: [Command] = [
        .serve, .scan, .audit, .remediate, .replay, .events, .explain, .verify, .filterCheck, .filterExplain,
        .filterMatch,
        .filterTest,
        .filterCovers,
        .filterCompare,
        .controlsList, .controlsShow,
        .completions, .man,
    ]

    static let summary = "watches what CloudTrail records, as the CIS AWS Foundations Benchmark asks"

    static func run(_ words: [String]) -> ExitStatus {
        guard let first = words.first else {
            Terminal.print(Help.overview())
            return .usage
        }
        switch first {
        case "--version", "version":
            Terminal.print("trailwarden \(Version.number)")
            return .success
        case "--help", "-h", "help":
            return help(Array(words.dropFirst()))
        default: break
        }
        guard let command = commands.first(where: { words.starts(with: $0.words) }) else {
            return unknown(words)
        }
        let rest = Array(words.dropFirst(command.words.count))
        let beforeEnd = rest.prefix { $0 != "--" }
        if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
            Terminal.print(Help.page(command))
            return .success
        }
        do throws(UsageError) {
            return try command.run(try Invocation(rest, of: command))
        } catch {
            if !error.isShown {
                Terminal.complain("trailwarden \(command.name): \(error.message)")
                if let advice = error.advice { Terminal.complain("  \(advice)") }
            }
            return .usage
        }
    }

    private static func help(_ words: [String]) -> ExitStatus {
        if words.isEmpty {
            Terminal.print(Help.overview())
            return .success
        }
        let named = commands.filter { $0.words.starts(with: words) || [$0.words.last] == words.map(Optional.some) }
        guard let command = named.first else { return unknown(words) }
        Terminal.print(named.count == 1 ? Help.page(command) : Help.group(words.joined(separator: " "), named))
        return .success
    }

    private static func unknown(_ words: [String]) -> ExitStatus {
        let group = commands.filter { $0.words.count > 1 && $0.words[0] == words[0] }
        if !group.isEmpty, words.count == 1 || words[1] == "--help" || words[1] == "-h" {
            Terminal.print(Help.group(words[0], group))
            return words.count == 1 ? .usage : .success
        }
        Terminal.complain(
            "trailwarden: there is no command `\(words.prefix(group.isEmpty ? 1 : 2).joined(separator: " "))`")
        Terminal.complain("  `trailwarden help` lists the commands")
        return .usage
    }
}
