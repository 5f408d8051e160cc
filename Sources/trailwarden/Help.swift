/// Help texts, made from the command table.
enum Help {
    static func overview() -> String {
        let width = CommandTable.commands.map(\.name.count).max() ?? 0
        var lines = [
            Terminal.bold("Trailwarden") + " " + CommandTable.summary + ".", "", "usage: trailwarden COMMAND …", "",
            Terminal.bold("Commands"),
        ]
        for command in CommandTable.commands {
            lines.append("  \(command.name.padded(to: width))  \(command.summary)")
        }
        lines += [
            "", "  help COMMAND, COMMAND --help  what a command does, its options, examples",
            "  --version                     the version", "", Terminal.bold("Exit codes"),
        ]
        lines += ExitStatus.meanings.map { "  \($0.code)  \($0.meaning)" }
        return lines.joined(separator: "\n")
    }

    static func group(_ name: String, _ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        return
            (["usage: trailwarden \(name) COMMAND …", ""]
            + commands.map { "  \($0.name.padded(to: width))  \($0.summary)" }).joined(separator: "\n")
    }

    static func page(_ command: Command) -> String {
        var lines = [
            "usage: \(command.usage)", "", "\(command.summary.prefix(1).uppercased())\(command.summary.dropFirst()).",
        ]
        for paragraph in command.discussion { lines += [""] + paragraph.wrapped(to: 80) }
        func section(_ title: String, _ rows: [(String, String)]) {
            guard !rows.isEmpty else { return }
            lines += ["", Terminal.bold(title)]
            let width = min(28, rows.map(\.0.count).max() ?? 0)
            for (name, help) in rows {
                var text = help.wrapped(to: 78 - width)
                if name.count > width {
                    lines.append("  \(name)")
                } else {
                    lines.append("  \(name.padded(to: width))  \(text.removeFirst())")
                }
                lines += text.map { String(repeating: " ", count: width + 4) + $0 }
            }
        }
        section("Arguments", command.arguments.map { ($0.name, $0.help) })
        section(
            "Options",
            command.options.map {
                (($0.value.map { " " + $0 } ?? "").isEmpty ? $0.name : "\($0.name) \($0.value ?? "")", $0.help)
            })
        if !command.examples.isEmpty {
            lines += ["", Terminal.bold("Examples")]
            for example in command.examples { lines += ["  \(example.meaning):", "    \(example.line)"] }
        }
        return lines.joined(separator: "\n")
    }
}
