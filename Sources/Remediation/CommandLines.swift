public import Audit
internal import WireValues

/// A plan as commands of the AWS CLI.
public enum CommandLines {
    public enum Shell: String, Sendable, CaseIterable {
        case sh, powershell
    }

    /// A script that runs as it is.
    public static func script(_ plan: Plan, for shell: Shell) -> String {
        var lines: [String] = shell == .sh ? ["#!/bin/sh", "set -eu"] : ["$ErrorActionPreference = 'Stop'"]
        for entry in plan.entries {
            lines += ["", "# " + comment("\(entry.step.words) (\(controls(entry)))")]
            lines += commands(entry.step, region: entry.region, for: shell)
        }
        return lines.joined(separator: "\n")
    }

    private static func controls(_ entry: Plan.Entry) -> String {
        entry.controls.count > 3 ? "\(entry.controls.count) controls" : entry.controls.joined(separator: ", ")
    }

    /// The commands that make a step.
    public static func commands(_ step: Step, region: String, for shell: Shell) -> [String] {
        var lines: [String] = []
        // A bucket that is there has a policy of its own.
        if case .createBucket(let name, _, _) = step {
            let words = "the bucket \(name) is there already: name it with --bucket"
            switch shell {
            case .sh:
                lines.append(
                    "if aws s3api head-bucket --bucket \(quoted(name)) 2>/dev/null; then echo \(quoted(words)) >&2; exit 1; fi"
                )
            case .powershell:
                lines.append(
                    "aws s3api head-bucket --bucket \(single(name)) 2>$null; if ($LASTEXITCODE -eq 0) { throw \(single(words)) }"
                )
            }
        }
        for change in step.changes(region: region) {
            switch shell {
            case .sh: lines.append(command(change, region))
            case .powershell: lines += powerShell(change, region)
            }
        }
        // Others do not know of a new role at once.
        if case .createRole(let name, _) = step {
            lines.append("aws iam wait role-exists --role-name \(shell == .sh ? quoted(name) : single(name))")
        }
        return lines
    }

    // MARK: The options of a command

    /// The command on one line for each of its options.
    private static func command(_ change: Change, _ region: String) -> String {
        let options = change.input.members.map { member -> String in
            let name = option(member.name, of: change.operation)
            if case .bool(let flag) = member.value { return flag ? "--\(name)" : "--no-\(name)" }
            return "--\(name) \(quoted(value(member.value)))"
        }
        let head = "aws \(service(change.service)) \(kebab(change.operation)) --region \(quoted(region))"
        return ([head] + options.map { "  \($0)" }).joined(separator: " \\\n")
    }

    /// The input goes through a file: Windows PowerShell takes the double quotes out of arguments, its successor does
    /// not, and no way of quoting is right for both.
    private static func powerShell(_ change: Change, _ region: String) -> [String] {
        let head = "aws \(service(change.service)) \(kebab(change.operation)) --region \(single(region))"
        if change.input.members.isEmpty { return [head + succeeded] }
        return [
            "$file = New-TemporaryFile",
            "Set-Content -Encoding ascii -Path $file -Value \(single(ascii(JSONWire.text(change.input))))",
            "\(head) --cli-input-json \"file://$file\"\(succeeded)",
            "Remove-Item $file",
        ]
    }

    /// Commands that fail do not stop PowerShell by themselves.
    private static let succeeded = "; if ($LASTEXITCODE) { exit $LASTEXITCODE }"

    private static func value(_ value: WireValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        default: JSONWire.text(value)
        }
    }

    private static func service(_ name: String) -> String {
        ["monitoring": "cloudwatch", "s3": "s3api"][name] ?? name
    }

    /// The CLI has renamed one option, which would hide one of its own.
    private static func option(_ name: String, of operation: String) -> String {
        operation == "Subscribe" && name == "Endpoint" ? "notification-endpoint" : kebab(name)
    }

    /// `LogGroupName` as `log-group-name`.
    private static func kebab(_ name: String) -> String {
        var text = ""
        for character in name {
            if character.isUppercase, !text.isEmpty { text += "-" }
            text += character.lowercased()
        }
        return text
    }

    // MARK: Quoting

    /// A word of the shell: within single quotes nothing means anything but the single quote.
    static func quoted(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy({ plain.contains($0) }) { return text }
        // By scalars: to Swift a quote with an accent is another character, to a shell it is a quote.
        var word = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { word += #"'\''"# } else { word.unicodeScalars.append(scalar) }
        }
        return word + "'"
    }

    /// A text in one line of a comment.
    static func comment(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || "\u{2028}\u{2029}".unicodeScalars.contains(scalar)
            line.unicodeScalars.append(isControl ? " " : scalar)
        }
        return line
    }

    /// Lines of commands as a comment.
    static func commented(_ commands: [String]) -> [String] {
        commands.flatMap { $0.split(whereSeparator: \.isNewline) }.map { "#   \(comment(String($0)))" }
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@,+-".utf8)

    /// The same for PowerShell, which takes the quotes of typesetting for quotes too.
    private static func single(_ text: String) -> String {
        var word = "'"
        for scalar in text.unicodeScalars {
            if "'\u{2018}\u{2019}\u{201A}\u{201B}".unicodeScalars.contains(scalar) {
                word.unicodeScalars.append(scalar)
            }
            word.unicodeScalars.append(scalar)
        }
        return word + "'"
    }

    /// JSON in ASCII alone, whatever the encoding of a file may be.
    private static func ascii(_ json: String) -> String {
        var text = ""
        for unit in json.utf16 {
            if unit < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }
}
