extension Command {
    static let man = Command(
        name: "man",
        summary: "the manual page, in roff",
        discussion: ["Made from the same table as the help; `make install` puts it in its place."],
        arguments: [],
        options: [],
        examples: [("trailwarden man | man -l -", "read it")],
        run: { _ throws(UsageError) in
            Terminal.print(ManualPage.text())
            return .success
        })
}

/// The manual page, made from the command table.
enum ManualPage {
    static func text() -> String {
        var lines = [
            ".TH TRAILWARDEN 1 \"\" \"trailwarden \(Version.number)\" \"User Commands\"", ".SH NAME",
            "trailwarden \\- \(escaped(CommandTable.summary))", ".SH SYNOPSIS",
        ]
        for command in CommandTable.commands { lines += [".B \(escaped(command.usage))", ".br"] }
        lines.append(".SH COMMANDS")
        for command in CommandTable.commands {
            lines += [
                ".SS \(escaped(command.name))",
                escaped("\(command.summary.prefix(1).uppercased())\(command.summary.dropFirst())."),
            ]
            for paragraph in command.discussion { lines += [".PP", escaped(paragraph)] }
            for argument in command.arguments {
                lines += [".TP", ".I \(escaped(argument.name))", escaped(argument.help)]
            }
            for option in command.options {
                lines += [
                    ".TP", ".B \(escaped(option.name))\(option.value.map { " \\fI\(escaped($0))\\fR" } ?? "")",
                    escaped(option.help),
                ]
            }
            if !command.examples.isEmpty { lines += [".PP", "Examples:"] }
            for example in command.examples {
                lines += [
                    ".PP", escaped(example.meaning) + ":", ".PP", ".RS 4", ".nf", escaped(example.line), ".fi", ".RE",
                ]
            }
        }
        lines += [".SH EXIT STATUS"]
        for (code, meaning) in ExitStatus.meanings { lines += [".TP", ".B \(code)", escaped(meaning)] }
        lines += [
            ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "When set, no colours are used.", ".TP", ".B TMPDIR",
            "Where large scans keep fingerprints of event ids while they run; /tmp if not set.",
        ]
        return lines.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }
}
