import Foundation
import TestSupport
import Testing

@Suite struct `trailwarden scan` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func matches(_ value: [String: Any], _ group: String, _ name: String) -> Int? {
        ((value[group] as? [String: Any])?[name] as? [String: Any])?["matches"] as? Int
    }

    @Test func `counts matches of controls and filters, duplicates included`() throws {
        let records = [
            SampleRecords.record("StopLogging", id: 1), SampleRecords.record("StopLogging", id: 1),
            SampleRecords.record("ListTrails", id: 2),
            SampleRecords.record("DeleteTrail", id: 3, time: "2026-03-01T10:00:00.250Z"),
        ]
        try folder.write(
            Gzip.compress(Array(SampleRecords.file(Array(records[..<2])).utf8)), to: "AWSLogs/1/CloudTrail/a.json.gz")
        try folder.write(SampleRecords.file(Array(records[2...])), to: "AWSLogs/1/CloudTrail/b.json")
        let filters = try folder.write(#"{"list":"{ $.eventName = \"List*\" }","text":"alice"}"#, to: "filters.json")
        let logs = folder.url.appending(path: "AWSLogs").path()
        let (status, value) = try Tool.json([
            "scan", logs, "--controls", "cis", "--filters", filters, "--pattern", "-alice", "--json",
        ])
        #expect(status == 0)
        #expect(
            matches(value, "controls", "cloudtrail_cfg_changes") == 3 && matches(value, "controls", "root_usage") == 0)
        #expect(
            matches(value, "filters", "list") == 1 && matches(value, "filters", "text") == 4
                && matches(value, "filters", "pattern") == 0)
        #expect(value["records"] as? Int == 4 && value["files"] as? Int == 2 && value["duplicates"] as? Int == 1)
        #expect(value["unreadable"] as? Int == 0 && value["bytes"] as? Int == records.joined().utf8.count + 2 * 14 + 2)

        let distinct = try Tool.json(["scan", logs, "--distinct", "--json"]).value
        #expect(matches(distinct, "controls", "cloudtrail_cfg_changes") == 2)
        let window = try Tool.json(["scan", logs, "--since", "2026-03-01T10:00:00Z", "--until", "2026-03-02", "--json"])
            .value
        #expect(matches(window, "controls", "cloudtrail_cfg_changes") == 1)
    }

    @Test func `prints matching records as they were delivered`() throws {
        let record = SampleRecords.record("StopLogging", id: 1)
        let path = try folder.write(
            SampleRecords.file([record, SampleRecords.record("ListTrails", id: 2)]), to: "a.json")
        #expect(try Tool.run(["scan", path, "--events"]).out == record + "\n")
        #expect(try Tool.run(["scan", "-", "--events"], input: Array(record.utf8)).out == record + "\n")
    }

    @Test func `names what it cannot read, goes on, and says so by its exit code`() throws {
        let file = Array(
            SampleRecords.file([SampleRecords.record("StopLogging", id: 1), SampleRecords.record("StopLogging", id: 2)])
                .utf8)
        try folder.write(Array(Gzip.compress(file).dropLast(300)), to: "torn.json.gz")
        try folder.write("hello", to: "text.txt")
        try folder.write(SampleRecords.file([SampleRecords.record("StopLogging", id: 3)]), to: "whole.json")
        try folder.write(#"{"Records":[{"s3":{"bucket":{}}},{"s3":{}}]}"#, to: "s3.json")
        let output = try Tool.run(["scan", folder.url.path(), "/no/such/path", "--json"])
        #expect(output.status == 3)
        #expect(output.out.contains("\"unreadable\": 4") && output.out.contains("\"records\": 2"))
        let lines = output.err.split(separator: "\n")
        #expect(lines.count == 4)
        for part in [
            "torn.json.gz: at byte", "text.txt: at byte 0: this is no CloudTrail", "s3.json: at byte 12",
            "/no/such/path: cannot be opened",
        ] {
            #expect(lines.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test func `reads broken UTF-8 as U+FFFD and counts it`() throws {
        var bytes = Array(SampleRecords.record("StopLogging", id: 1, more: #","errorMessage":"@""#).utf8)
        if let place = bytes.firstIndex(of: UInt8(ascii: "@")) { bytes[place] = 0xFF }
        let path = try folder.write(bytes, to: "a.json")
        let value = try Tool.json(["scan", path, "--json"]).value
        #expect(matches(value, "controls", "cloudtrail_cfg_changes") == 1 && value["repaired"] as? Int == 1)
    }

    @Test func `says how often alarms would have rung at other settings, and whose exception would quiet them`() throws
    {
        // One who rings every hour of a day, and one who does so once.
        var records = (0..<24).map { hour in
            SampleRecords.record(
                "StopLogging", id: hour, time: "2026-03-01T\(hour < 10 ? "0" : "")\(hour):00:00Z"
            )
            .replacing("user/alice", with: "user/noisy")
        }
        records.append(SampleRecords.record("DeleteTrail", id: 99, time: "2026-03-01T09:30:00Z"))
        try folder.write(SampleRecords.file(records), to: "a.json")
        let run = try Tool.run([
            "scan", folder.url.path(), "--controls", "cloudtrail_cfg_changes", "--what-if", "1,300", "--what-if",
            "2,300",
            "--json",
        ])
        let parsed = try JSONSerialization.jsonObject(with: Data(run.out.utf8))
        let value = (parsed as? [[String: Any]])?.first
        let settings = value?["settings"] as? [[String: Any]]
        #expect(settings?.compactMap { $0["rings"] as? Int } == [25, 0])
        let callers = settings?.first?["callers"] as? [[String: Any]]
        #expect(callers?.compactMap { $0["rings"] as? Int } == [24, 1])
        #expect((callers?.first?["name"] as? String)?.contains("noisy") == true)
        let exceptions = value?["exceptions"] as? [[String: Any]]
        #expect(exceptions?.count == 1)
        #expect((exceptions?.first?["value"] as? String)?.contains("noisy") == true)
        #expect(exceptions?.first?["rings"] as? Int == 1)
        #expect(exceptions?.first?["hides"] as? Int == 24)
        let pattern = try #require(value?["pattern"] as? String)
        #expect(try Tool.run(["filter", "check", pattern]).status == 0)
        #expect(try Tool.run(["scan", ".", "--what-if", "often"]).status == 2)
    }

    @Test func `replays alarms`() throws {
        let path = try folder.write(
            SampleRecords.file([
                SampleRecords.record("StopLogging", id: 1),
                SampleRecords.record("StopLogging", id: 2, time: "2026-03-01T12:00:30Z"),
            ]), to: "a.json")
        let value = try Tool.json(["scan", path, "--alarms", "--controls", "cloudtrail_cfg_changes", "--json"]).value
        let control = (value["controls"] as? [String: Any])?["cloudtrail_cfg_changes"] as? [String: Any]
        let alarms = control?["alarms"] as? [[String: Any]]
        #expect(alarms?.map { $0["start"] as? String } == ["2026-03-01T09:31:00Z", "2026-03-01T12:01:00Z"])
        #expect(alarms?.first?["end"] as? String == "2026-03-01T09:46:00Z")
        let table = try Tool.run(["scan", path, "--alarms"]).out
        #expect(table.contains("CloudTrail configuration changes: 2 times") && table.contains("user/alice (2)"))
    }

    @Test func `keeps a table of CloudTrail's own Insights and digests apart`() throws {
        let insight =
            #"{"eventVersion":"1.09","eventTime":"2026-03-01T09:30:00Z","eventID":"i","eventType":"AwsCloudTrailInsight","eventCategory":"Insight"}"#
        try folder.write(SampleRecords.file([insight]), to: "CloudTrail-Insight/a.json")
        try folder.write(#"{"digestStartTime":"x","logFiles":[{"s3Object":"y"}]}"#, to: "CloudTrail-Digest/b.json")
        let (status, value) = try Tool.json(["scan", folder.url.path(), "--json"])
        #expect(
            status == 0 && value["insights"] as? Int == 1 && value["digests"] as? Int == 1
                && value["records"] as? Int == 1)
    }

    @Test(arguments: [
        ["scan"], ["scan", "--nonsense", "x"], ["scan", ".", "--benchmark", "9"], ["scan", ".", "--controls", "nope"],
        ["scan", ".", "--pattern", "{ $.a"], ["scan", ".", "--since", "yesterday"],
        ["scan", ".", "--filters", "/no/file"], ["scan", ".", "--threads", "0"],
        ["nonsense"], [], ["filter"],
    ])
    func `refuses a wrong command line with words`(arguments: [String]) throws {
        let output = try Tool.run(arguments)
        #expect(output.status == 2 && !(output.err + output.out).isEmpty)
    }

    @Test(arguments: ["invictus", "sans504-a", "stratus"])
    func `finds in public logs what was counted three other ways`(name: String) throws {
        struct Expected: Decodable {
            struct Set: Decodable {
                var expected: [String: Int]
                var expected_unique_event_ids: [String: Int]?
                var events: Int
                var unique_event_ids: Int?
            }
            var sets: [String: Set]
        }
        guard let data = SharedData.url("data/cloudtrail") else { return }
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: data.appending(path: "expected.json")))
        let set = try #require(expected.sets.first { $0.key.hasPrefix(name) }?.value)
        let logs = data.appending(path: name).path()
        let value = try Tool.json(["scan", logs, "--json"]).value
        let distinct = try Tool.json(["scan", logs, "--json", "--distinct"]).value
        #expect(
            value["records"] as? Int == set.events
                && value["duplicates"] as? Int == set.events - (set.unique_event_ids ?? set.events))
        for (control, count) in set.expected { #expect(matches(value, "controls", control) == count, "\(control)") }
        for (control, count) in set.expected_unique_event_ids ?? [:] {
            #expect(matches(distinct, "controls", control) == count, "\(control)")
        }
    }

    @Test(arguments: [
        ["--seed", "11", "--gzip"],
        ["--seed", "12", "--org", "o-abc1234567", "--dup-rate", "0.05", "--large-rate", "0.001"],
        ["--seed", "13", "--ndjson", "--gzip"],
    ])
    func `finds what a generator put into logs`(options: [String]) throws {
        guard let generator = SharedData.url("tools/gen_cloudtrail.py") else { return }
        let out = folder.url.appending(path: "generated").path()
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = ["python3", generator.path(), "--events", "6000", "--out", out] + options
        python.standardOutput = FileHandle.nullDevice
        python.standardError = FileHandle.nullDevice
        try python.run()
        python.waitUntilExit()
        guard python.terminationStatus == 0 else {
            print("skipped: the generator needs python3")
            return
        }
        let truth =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: out + "/expected.json")))
            as? [String: Any]
        let totals = truth?["totals"] as? [String: Int]
        let counts = truth?["controls"] as? [String: [String: Any]] ?? [:]
        // The ground truth lies beside the logs and is none.
        try FileManager.default.removeItem(atPath: out + "/expected.json")
        let (status, value) = try Tool.json(["scan", out, "--json"])
        #expect(status == 0 && counts.count == 15)
        #expect(value["records"] as? Int == totals?["records"] && value["duplicates"] as? Int == totals?["duplicates"])
        #expect(
            value["bytes"] as? Int == totals?["bytes_uncompressed"] && value["insights"] as? Int == totals?["insights"])
        for (control, count) in counts {
            #expect(matches(value, "controls", control) == count["matches"] as? Int, "\(control)")
        }
    }
}
