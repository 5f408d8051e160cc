import Audit
import Controls
import FilterPattern
import Foundation
import Server
import TrailMatcher
import WireValues

extension Command {
    static let explain = Command(
        name: "explain",
        summary: "which controls and filters match an event, and why, clause by clause",
        discussion: [
            "Reads one event as CloudTrail writes it, from a file, from standard input, or by its event id from a log group of "
                + "an endpoint, and puts it to every control; with --filters to filters of your own as well. Of what matches, every clause is shown with its answer; with "
                + "--control also of one that does not.",
            "The exit code is 0 when something matches.",
        ],
        arguments: [
            .init(name: "EVENT", help: "a file with one event, - for standard input, or an event id", isFile: true)
        ],
        options: [
            .init(name: "--control", value: "IDS", help: "only these controls, whether they match or not"),
            .init(name: "--controls-file", value: "FILE", help: "controls of one's own besides"),
            .init(name: "--filters", value: "FILE", help: #"filters of your own: {"name": "pattern", …}"#),
            .init(
                name: "--log-group", value: "NAME",
                help: "where an event id is looked for; cloudtrail/management-events if not given"),
            .init(name: "--endpoint-url", value: "URL", help: "the endpoint for an event id; AWS if none is set"),
            .init(name: "--profile", value: "NAME", help: "the profile of the shared files"),
            .init(name: "--region", value: "NAME", help: "the region"),
            benchmark, .init(name: "--json", help: "print a JSON array"),
        ],
        examples: [("trailwarden explain event.json", "what this event is to the benchmark")],
        run: { invocation throws(UsageError) in try ExplainCommand(invocation).run() })
}

struct ExplainCommand {
    private struct Subject {
        var name: String
        var title: String
        var pattern: FilterPattern
    }

    private let invocation: Invocation
    private let event: [UInt8]
    private let subjects: [Subject]

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        let version = try ScanCommand.version(invocation)
        let text = try Self.event(invocation)
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8))) is [String: Any] else {
            throw UsageError("`\(invocation.arguments[0])` holds no JSON object")
        }
        event = Array(text.utf8)
        var subjects: [Subject] = []
        for control in try ControlFile.selected(invocation, version) where control.subject == .events {
            let number = control.number(in: version).map { $0 + " " } ?? ""
            subjects.append(
                Subject(
                    name: control.id, title: number + control.title,
                    pattern: try FilterMatch.parse(control.requirement(in: version))))
        }
        if let path = invocation.value("--filters") {
            for (name, text) in try Files.filters(path) {
                subjects.append(
                    Subject(name: name, title: "filter \(name)", pattern: try FilterMatch.parse(text, name: name)))
            }
        }
        self.subjects = subjects
    }

    /// The text of the event: an event id has the form of a UUID, which no file of logs has for a name.
    private static func event(_ invocation: Invocation) throws(UsageError) -> String {
        let name = invocation.arguments[0]
        guard UUID(uuidString: name) != nil, !FileManager.default.fileExists(atPath: name) else {
            return try Files.text(name)
        }
        let group = invocation.value("--log-group") ?? Server.ControlSetup.logGroup
        let (client, region) = try AccountAccess.client(invocation)
        let input = [
            WireMember("logGroupName", .string(group)),
            WireMember("filterPattern", .string(#"{ $.eventID = "\#(name)" }"#)),
        ]
        do throws(ReadFailure) {
            let events = try LiveAccount(client: client).all(
                "logs", "FilterLogEvents", input, list: "events", token: "nextToken", region: region)
            if let message = events.first?.string("message") { return message }
        } catch {
            throw UsageError(error.words)
        }
        throw UsageError("there is no event \(name) in \(group)")
    }

    func run() -> ExitStatus {
        let matches = subjects.map { holds($0.pattern) }
        let showsAll = invocation.value("--control") != nil
        let shown = zip(subjects, matches).filter { $0.1 || showsAll }
        if invocation.has("--json") {
            Terminal.print(
                JSON.array(
                    shown.map { subject, matched in
                        .object([
                            ("name", .string(subject.name)), ("matches", .bool(matched)),
                            (
                                "clauses",
                                .array(
                                    clauses(subject.pattern).map { clause in
                                        .object([
                                            ("clause", .string(clause.text)), ("holds", .bool(clause.holds)),
                                            ("depth", .int(clause.depth)),
                                        ])
                                    })
                            ),
                        ])
                    }
                ).text(pretty: true))
        } else {
            var lines: [String] = []
            for (subject, matched) in shown {
                let verdict = matched ? Terminal.green("matches") : Terminal.red("does not match")
                lines += [lines.isEmpty ? nil : "", "\(Terminal.bold(subject.title)): \(verdict)"].compactMap { $0 }
                for clause in clauses(subject.pattern) {
                    let mark = clause.holds ? Terminal.green("+") : Terminal.dim("-")
                    lines.append(String(repeating: "  ", count: clause.depth + 1) + "\(mark) \(clause.text)")
                }
            }
            if shown.isEmpty { lines.append("no control and no filter matches") }
            Terminal.print(lines.joined(separator: "\n"))
        }
        return matches.contains(true) ? .success : .negative
    }

    private func holds(_ pattern: FilterPattern) -> Bool {
        let context = MatchContext(TrailMatcher([pattern]))
        event.withUnsafeBytes { context.match($0) }
        return context.matches.count > 0
    }

    private typealias Clause = (depth: Int, text: String, holds: Bool)

    /// The parts of a pattern, each put to the event by itself. Of long alternatives only those that hold are shown.
    private func clauses(_ pattern: FilterPattern) -> [Clause] {
        guard case .json(let formula) = pattern else { return [(0, pattern.description, holds(pattern))] }
        var found: [Clause] = []
        func add(_ formula: Formula<Condition>, _ depth: Int) {
            let holds = holds(.json(formula))
            switch formula {
            case .leaf(let condition): found.append((depth, FilterPattern.clause(condition), holds))
            case .all(let parts):
                found.append((depth, "all of", holds))
                for part in parts { add(part, depth + 1) }
            case .any(let parts):
                let holding = parts.filter { self.holds(.json($0)) }
                let isLong = parts.count > 4
                found.append((depth, isLong ? "one of \(parts.count)" : "one of", holds))
                for part in isLong ? holding : parts { add(part, depth + 1) }
            }
        }
        add(formula, 0)
        return found
    }
}

extension FilterPattern {
    /// A condition as it stands in a pattern.
    fileprivate static func clause(_ condition: Condition) -> String {
        let text = FilterPattern.json(.leaf(condition)).description
        return String(text.dropFirst(2).dropLast(2))
    }
}
