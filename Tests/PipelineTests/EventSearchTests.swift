import AWSCore
import FilterPattern
import LogGroups
import Pipeline
import Store
import TestSupport
import Testing
import TrailMatcher

@Suite struct `A search through stored events` {
    private let scope = Scope(account: "123456789012", region: "us-east-1")
    private let clock = ManualClock(Timestamp("2026-03-01T09:00:30Z") ?? Timestamp(seconds: 0))

    /// A store with one chunk for each list of messages, a second apart.
    private func store(_ chunks: [[String]]) throws -> Pipeline {
        let pipeline = try Pipeline(Store(path: ":memory:"), clock: clock)
        for messages in chunks {
            try pipeline.perform { state, now in
                state.logGroups[scope, "g"] = LogGroup(name: "g", creationTime: now)
                let events = messages.map { LogEvent(time: now, message: $0) }
                state.append(events, [], to: "s", of: "g", in: scope, at: now)
            }
            clock.advance(bySeconds: 1)
        }
        return pipeline
    }

    private func search(_ pattern: String?) throws -> EventSearch {
        var search = EventSearch(scope: scope, group: "g", start: Timestamp(seconds: 0), end: clock.now)
        search.pattern = try pattern.map { try FilterPattern($0) }
        return search
    }

    @Test(arguments: [
        #"{ $.a = "x" }"#, #"{ $.a != "x" }"#, #"{ $.b.c = 1 }"#, #""x" -"torn""#, #"[first, second = "x"]"#,
        #"{ $.a NOT EXISTS }"#,
    ]) func `finds in a chunk what each of its messages matches alone`(pattern: String) throws {
        // Messages that end inside a string, or with a backslash, or with open brackets must not spoil the next.
        let odd = [
            #"{"a":"x"}"#, #"{"a":"torn"#, #"{"a":"x","b":{"c":1}}"#, #"{"a":"y\"#, #"{"b":{"c":1},"a":"z"}"#, "x \"x",
            #"{"a":"x"}"#, "", "[[[{", #"{"b":{"c":1}}"#, #""#, "torn x", "one x", #"{"a":"\u0078"}"#,
            "\u{e9}\u{1F600} x",
            #"{"a":"x","a":"y"}"#,
        ]
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<40 {
            // Long ones are compressed, short ones are not.
            let messages = (0..<Int.random(in: 1...600, using: &generator)).map { _ in odd.randomElement() ?? "" }
            let pipeline = try store([messages])
            defer { pipeline.stop() }
            let context = MatchContext(TrailMatcher([try FilterPattern(pattern)]))
            let expected = messages.filter { message in
                Array(message.utf8).withUnsafeBytes { context.match($0) }
                return context.matches.count > 0
            }
            #expect(try search(pattern).run(in: pipeline.store).events.map(\.message) == expected)
        }
    }

    @Test func `gives every event once when its pages end for want of time`() throws {
        let pipeline = try store((0..<30).map { i in (0..<10).map { "event \(i) \($0)" } })
        defer { pipeline.stop() }
        var search = try search("event")
        search.searchLimit = 400
        search.limit = 17
        var found: [String] = []
        var pages = 0
        repeat {
            let page = try search.run(in: pipeline.store)
            found += page.events.map(\.message)
            search.after = page.next
            pages += 1
        } while search.after != nil && pages < 100
        #expect(found == (0..<30).flatMap { i in (0..<10).map { "event \(i) \($0)" } })
        #expect(pages > 5 && pages < 100)
    }
}
