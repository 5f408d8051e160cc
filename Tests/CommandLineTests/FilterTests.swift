import Foundation
import TestSupport
import Testing

@Suite struct `trailwarden filter` {
    @Test func `test passes the project's own cases, and the shared ones`() throws {
        let own = SharedData.project.appending(path: "Tests/Corpus/language.jsonl")
        for url in [own, SharedData.url("spec/filter-pattern-vectors.jsonl")].compactMap(\.self) {
            let output = try Tool.run(["filter", "test", url.path()])
            #expect(output.status == 0 && output.out.hasSuffix(", 0 failed\n"), "\(output.out)")
        }
    }

    @Test func `test tells what fails and why`() throws {
        let cases = """
            # a comment
            {"id":"good","pattern":"{ $.a = 1 }","message":"{\\"a\\":1}","match":true}
            {"id":"wrong","pattern":"{ $.a = 1 }","message":"{\\"a\\":2}","match":true}
            {"pattern":"{ $.a }","message":"{}","match":false}
            {"id":"fields","pattern":"[a, b]","message":"x y","match":true,"extracted":{"$a":"x","$b":"z"}}

            """
        let output = try Tool.run(["filter", "test", "-"], input: Array(cases.utf8))
        #expect(output.status == 1 && output.out.hasSuffix("1 passed, 3 failed\n"))
        #expect(
            output.out.contains("wrong: should match and does not")
                && output.out.contains("line 4: the pattern is refused"))
        let json = try Tool.run(["filter", "test", "-", "--json"], input: Array(cases.utf8)).out.split(separator: "\n")
        #expect(json.first == #"{"id":"good","passed":true,"got":{"match":true,"extracted":{}}}"# && json.count == 4)
    }

    @Test func `check shows the place with a caret`() throws {
        let output = try Tool.run(["filter", "check", "{ $eventName = StopLogging }"])
        #expect(output.status == 2)
        #expect(output.out.contains("    { $eventName = StopLogging }\n      ^~\n    write `$.eventName`"))
        #expect(output.out.contains("Was this meant?\n    { $.eventName = StopLogging }"))
        #expect(try Tool.run(["filter", "check", "--repair", "{ $eventName = X }"]).out == "{ $.eventName = X }\n")
        let json = try Tool.json(["filter", "check", "--json", "{ $.a = 'x' }"])
        #expect(
            json.status == 2 && json.value["repaired"] as? String == "{ $.a = \"x\" }"
                && json.value["legal"] as? Bool == false)
    }

    @Test func `explain draws the pattern`() throws {
        let output = try Tool.run(["filter", "explain", "{ $.a = \"x*\" && ($.b IS NULL || $.c NOT EXISTS) }"]).out
        #expect(
            output.contains(
                "all of\n├─ $.a begins with \"x\"\n└─ at least one of\n   ├─ $.b is null\n   └─ $.c does not exist"))
    }

    @Test func `match prints the lines that match`() throws {
        let lines = "ERROR one\nINFO two\nERROR three"
        let output = try Tool.run(["filter", "match", "[level = ERROR, text]"], input: Array(lines.utf8))
        #expect(output.out == "ERROR one\nERROR three\n" && output.status == 0)
        let json = try Tool.run(["filter", "match", "[level, text = two]", "--message", "INFO two", "--json"]).out
        #expect(json == #"{"line":1,"message":"INFO two","extracted":{"$level":"INFO","$text":"two"}}"# + "\n")
        #expect(try Tool.run(["filter", "match", "nothing", "--message", "INFO two"]).status == 1)
    }
}

@Suite struct `trailwarden` {
    #if os(Linux)
        @Test func `starts without the libraries of the network`() throws {
            // What the dynamic linker loads before the first line of it runs.
            let libraries = try Tool.run(["--version"], environment: ["LD_TRACE_LOADED_OBJECTS": "1"]).out
            #expect(libraries.contains("libdeflate"))
            #expect(!libraries.contains("libcurl") && !libraries.contains("libmicrohttpd"))
        }
    #endif

    @Test func `has a page for every command, in help, manual and completions`() throws {
        let overview = try Tool.run(["--help"]).out
        let manual = try Tool.run(["man"]).out
        for command in [
            "scan", "filter check", "filter explain", "filter match", "filter test", "controls list", "controls show",
        ] {
            #expect(overview.contains(command) && manual.contains(".SS \(command)"))
            let words = command.split(separator: " ").map(String.init)
            let page = try Tool.run(words + ["--help"])
            #expect(page.status == 0 && page.out.hasPrefix("usage: trailwarden \(command)"))
        }
        #expect(try Tool.run(["--version"]).out.hasPrefix("trailwarden "))
        for shell in ["bash", "zsh", "fish"] {
            #expect(try Tool.run(["completions", shell]).out.contains("--benchmark") || shell == "fish")
        }
    }

    @Test func `shows controls by id and number`() throws {
        #expect(try Tool.run(["controls", "list", "--benchmark", "1.2.0"]).out.split(separator: "\n").count == 15)
        #expect(try Tool.run(["controls", "show", "5.15"]).out.contains("organizations_changes"))
        #expect(try Tool.json(["controls", "show", "root_usage", "--json"]).value["number"] as? String == "5.3")
    }
}
