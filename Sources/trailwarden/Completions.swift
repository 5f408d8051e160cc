extension Command {
    static let completions = Command(
        name: "completions",
        summary: "a script that teaches a shell to complete this command",
        discussion: ["Made from the same table as the help."],
        arguments: [.init(name: "SHELL", help: "bash, zsh or fish")],
        options: [],
        examples: [
            ("source <(trailwarden completions bash)", "for this bash"),
            ("trailwarden completions fish > ~/.config/fish/completions/trailwarden.fish", "for fish, for good"),
        ],
        run: { invocation throws(UsageError) in
            switch invocation.arguments[0] {
            case "bash": Terminal.print(Completions.bash())
            case "zsh": Terminal.print(Completions.zsh())
            case "fish": Terminal.print(Completions.fish())
            case let other: throw UsageError("no completions for `\(other)`", advice: "known are bash, zsh and fish")
            }
            return .success
        })
}

/// Shell completions, made from the command table.
enum Completions {
    private static var firstWords: [String] {
        CommandTable.commands.map { $0.words[0] }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } + ["help"]
    }

    private static func secondWords(_ first: String) -> [Command] {
        CommandTable.commands.filter { $0.words.count == 2 && $0.words[0] == first }
    }

    static func bash() -> String {
        var cases = ""
        for command in CommandTable.commands {
            let options = (command.options.map(\.name) + ["--help"]).joined(separator: " ")
            cases += "        \"\(command.name)\") options=\"\(options)\" ;;\n"
        }
        var values = ""
        for option in CommandTable.commands.flatMap(\.options)
        where !option.choices.isEmpty && !values.contains(option.name + ")") {
            values +=
                "        \(option.name)) COMPREPLY=($(compgen -W \"\(option.choices.joined(separator: " "))\" -- \"$word\")); return ;;\n"
        }
        var groups = ""
        for first in firstWords where !secondWords(first).isEmpty {
            groups +=
                "        \(first)) words=\"\(secondWords(first).map { $0.words[1] }.joined(separator: " "))\" ;;\n"
        }
        return """
            _trailwarden() {
                local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words="" options=""
                COMPREPLY=()
                case "$before" in
            \(values)    esac
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(firstWords.joined(separator: " ")) --help --version" -- "$word")); return
                fi
                if [ "$COMP_CWORD" -eq 2 ]; then
                    case "${COMP_WORDS[1]}" in
            \(groups)        esac
                    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word")); return; fi
                fi
                local name
                for name in "${COMP_WORDS[1]} ${COMP_WORDS[2]}" "${COMP_WORDS[1]}"; do
                    case "$name" in
            \(cases)        esac
                    [ -n "$options" ] && break
                done
                case "$word" in
                    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
                    *) COMPREPLY=($(compgen -f -- "$word")) ;;
                esac
            }
            complete -o filenames -F _trailwarden trailwarden
            """
    }

    static func zsh() -> String {
        func quoted(_ text: String) -> String {
            text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(
                ":", with: "\\:")
        }
        var cases = ""
        for command in CommandTable.commands {
            let options = command.options.map { option -> String in
                let isFile = option.value?.hasPrefix("FILE") == true || option.value?.hasPrefix("PATH") == true
                let choices =
                    option.choices.isEmpty ? isFile ? "_files" : " " : "(\(option.choices.joined(separator: " ")))"
                let value = option.value.map { ":\(quoted($0)):\(choices)" } ?? ""
                return "'\(option.isRepeatable ? "*" : "")\(option.name)[\(quoted(option.help))]\(value)'"
            }
            let rest = command.arguments.contains(where: \.isFile) ? " '*:file:_files'" : ""
            cases +=
                "        '\(command.name)') _arguments \((options + ["'--help[show help]'"]).joined(separator: " "))\(rest) ;;\n"
        }
        var groups = ""
        for first in firstWords where !secondWords(first).isEmpty {
            let words = secondWords(first).map { "'\($0.words[1]):\(quoted($0.summary))'" }.joined(separator: " ")
            groups += "        \(first)) local -a seconds=(\(words)); _describe command seconds; return ;;\n"
        }
        let firsts = firstWords.map { first -> String in
            let summary = CommandTable.commands.first { $0.name == first }?.summary ?? "more commands"
            return "'\(first):\(quoted(summary))'"
        }.joined(separator: " ")
        return """
            #compdef trailwarden
            _trailwarden() {
                local -a commands=(\(firsts))
                if (( CURRENT == 2 )); then _describe command commands; return; fi
                if (( CURRENT == 3 )); then
                    case "$words[2]" in
            \(groups)        esac
                fi
                local name="$words[2]"
                case "$words[2]" in \(firstWords.filter { !secondWords($0).isEmpty }.joined(separator: "|"))) name="$words[2] $words[3]"; shift words; (( CURRENT-- )) ;; esac
                shift words; (( CURRENT-- ))
                case "$name" in
            \(cases)    esac
            }
            # Loaded when it is first needed, it completes at once; read by a shell, it makes itself known.
            if [[ "$funcstack[1]" == _trailwarden ]]; then _trailwarden "$@"; else compdef _trailwarden trailwarden; fi
            """
    }

    static func fish() -> String {
        func quoted(_ text: String) -> String {
            "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        }
        var lines = ["complete -c trailwarden -n __fish_use_subcommand -f"]
        for first in firstWords {
            let summary = CommandTable.commands.first { $0.name == first }?.summary ?? "\(first) …"
            lines.append("complete -c trailwarden -n __fish_use_subcommand -a \(first) -d \(quoted(summary))")
            for command in secondWords(first) {
                let others = secondWords(first).map { $0.words[1] }.joined(separator: " ")
                lines.append(
                    "complete -c trailwarden -f -n '__fish_seen_subcommand_from \(first); and not __fish_seen_subcommand_from \(others)' "
                        + "-a \(command.words[1]) -d \(quoted(command.summary))")
            }
        }
        for command in CommandTable.commands {
            var condition = command.words.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
            // `explain` is a command, and `filter explain` another.
            if command.words.count == 1 {
                for group in firstWords where secondWords(group).contains(where: { $0.words[1] == command.name }) {
                    condition += "; and not __fish_seen_subcommand_from \(group)"
                }
            }
            for option in command.options {
                var line =
                    "complete -c trailwarden -n '\(condition)' -l \(option.name.dropFirst(2)) -d \(quoted(option.help))"
                if option.value != nil { line += " -r" }
                if !option.choices.isEmpty { line += " -f -a '\(option.choices.joined(separator: " "))'" }
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
