import Foundation
import JSONText
import TestSupport
import Testing

@testable import CloudTrail

/// Keeps what a reader hands on.
private final class Collector: RecordConsumer {
    var records: [String] = []
    var faults: [LogFault] = []

    func consume(_ record: Record) { records.append(String(decoding: record.bytes, as: UTF8.self)) }
    func report(_ fault: LogFault) { faults.append(fault) }
}

@Suite struct `Log files` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ bytes: [UInt8]) throws -> (
        records: [String], faults: [LogFault], summary: LogFileReader.Summary
    ) {
        let read = try readOnce(bytes)
        if !bytes.starts(with: [0x1F, 0x8B]) {
            // Inflated at once and matched where it lies, and piece by piece since a second member follows: it makes no
            // difference.
            for packed in [Gzip.compress(bytes), Gzip.compress(bytes) + Gzip.compress([])] {
                let other = try readOnce(packed)
                #expect(other.records == read.records)
                #expect(other.faults.count == read.faults.count)
                #expect(other.summary.bytes == read.summary.bytes)
            }
        }
        return read
    }

    private func readOnce(_ bytes: [UInt8]) throws -> (
        records: [String], faults: [LogFault], summary: LogFileReader.Summary
    ) {
        let collector = Collector()
        let summary = LogFileReader().read(try folder.write(bytes, to: UUID().uuidString), collector)
        return (collector.records, collector.faults, summary)
    }

    private func read(_ text: String) throws -> (records: [String], faults: [LogFault], summary: LogFileReader.Summary)
    {
        try read(Array(text.utf8))
    }

    private let records = (0..<3).map { SampleRecords.record("StopLogging", id: $0) }

    @Test func `in every wrapper give the records byte for byte`() throws {
        func escaped(_ record: String) -> String {
            record.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        }
        let messages = records.enumerated().map { #"{"id":"\#($0)","timestamp":1,"message":"\#(escaped($1))"}"# }
            .joined(separator: ",")
        let wrappers = [
            SampleRecords.file(records), " { \"Records\" : [ \(records.joined(separator: " ,\n")) ] }\n",
            records.joined(separator: "\n"), records.joined(separator: "\r\n") + "\r\n", records.joined(),
            "[\(records.joined(separator: ","))]",
            "\u{FEFF}" + records.joined(separator: "\n"),
            #"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logEvents":[\#(messages)]}"#,
            #"{"events":[\#(messages)],"nextToken":"x"}"#,
            #"{"Events":[\#(records.map { #"{"EventId":"1","CloudTrailEvent":"\#(escaped($0))"}"# }.joined(separator: ","))]}"#,
            records.map { "2026-03-01T09:30:00.000Z \($0)" }.joined(separator: "\n"),
            records.map {
                #"{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.x","detail":\#($0)}"#
            }.joined(separator: "\n"),
            #"{"next":null,"Records":[\#(records.joined(separator: ","))]}"#,
            #"{"Records":[\#(records.joined(separator: ","))],"next":null}"#,
        ]
        for wrapper in wrappers {
            for bytes in [Array(wrapper.utf8), Gzip.compress(Array(wrapper.utf8))] {
                let result = try read(bytes)
                #expect(result.records == records, "\(wrapper.prefix(60))")
                #expect(result.faults.isEmpty && result.summary.isLog && result.summary.bytes == wrapper.utf8.count)
            }
        }
    }

    @Test func `of several gzip members and zeros at the end are read whole`() throws {
        let bytes = Gzip.compress(Array((records[0] + "\n").utf8)) + Gzip.compress(Array(records[1].utf8)) + [0, 0, 0]
        #expect(try read(bytes).records == Array(records[..<2]))
    }

    @Test func `written over several lines are read like others`() throws {
        let pretty = "{\n  \"eventVersion\": \"1.10\",\n  \"eventID\": \"1\"\n}"
        let result = try read(pretty + "\n" + pretty + "\n" + records[0])
        #expect(result.records == [pretty, pretty, records[0]] && result.faults.isEmpty)
    }

    @Test func `larger than any buffer are read piece by piece`() throws {
        let many = (0..<700).map { SampleRecords.record("Call\($0)", id: $0) }
        #expect(try read(Gzip.compress(Array(SampleRecords.file(many).utf8))).records == many)
        #expect(try read(many.joined(separator: "\n")).records == many)
    }

    @Test func `are read the same when they were found as by their paths`() throws {
        let line = records[0] + "\n"
        // As long as the memory that a file is read into, shorter and longer by a little.
        let full = 256 * 1024
        for length in [line.utf8.count, full - 1, full, full + 1, full * 4, full * 4 + 1] {
            let blanks = String(repeating: " ", count: length - line.utf8.count)
            try folder.write(Array((line + blanks).utf8), to: "logs/b\(length)/\(length).json")
            try folder.write(Gzip.compress(Array((line + blanks).utf8)), to: "logs/a/\(length).json.gz")
        }
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "logs/a/link.json"),
            withDestinationURL: folder.url.appending(path: "logs/b\(full)/\(full).json"))
        let files = logFiles(at: [folder.url.appending(path: "logs").path()]) { _ in }
        #expect(files.count == 13)
        let (found, named) = (Collector(), Collector())
        let reader = LogFileReader()
        for file in files {
            let first = reader.read(file, found)
            let second = LogFileReader().read(file.path, named)
            #expect(first.bytes == second.bytes && first.bytesRead == second.bytesRead)
        }
        #expect(found.records == Array(repeating: records[0], count: 13) && found.records == named.records)
        #expect(found.faults.isEmpty && named.faults.isEmpty)
        // What has gone since is told of, by its path.
        try FileManager.default.removeItem(at: folder.url.appending(path: "logs/a"))
        _ = reader.read(files[0], found)
        #expect(found.faults.map(\.path) == [files[0].path])
    }

    @Test func `with all that may stand in the head of gzip data are read`() throws {
        let text = Array(SampleRecords.file(records).utf8)
        let plain = Gzip.compress(text)
        let parts: [(flag: UInt8, bytes: [UInt8])] = [
            (4, [3, 0, 1, 2, 3]), (8, Array("a.json".utf8) + [0]), (16, Array("comment".utf8) + [0]),
        ]
        /// As what is sent, which is inflated at once or not at all.
        func atOnce(_ bytes: [UInt8]) -> Collector {
            let collector = Collector()
            _ = bytes.withUnsafeBytes { LogFileReader().read($0, named: "sent", collector) }
            return collector
        }
        for set in 0..<8 {
            let chosen = parts.enumerated().filter { set >> $0.offset & 1 == 1 }.map(\.element)
            var head = Array(plain[..<10])
            head[3] = chosen.reduce(0) { $0 | $1.flag }
            let packed = head + chosen.flatMap(\.bytes) + plain[10...]
            let result = try read(packed)
            #expect(result.records == records && result.faults.isEmpty)
            #expect(atOnce(packed).records == records)
            var checked = head + chosen.flatMap(\.bytes) + [7, 7] + plain[10...]
            checked[3] |= 2
            #expect(atOnce(checked).records == records)
            checked[3] |= 0x20
            #expect(atOnce(checked).faults.count == 1)
            for place in packed.count - 8..<packed.count {
                var damaged = packed
                damaged[place] ^= 0x10
                let seen = atOnce(damaged)
                #expect(seen.records.isEmpty && seen.faults.count == 1)
            }
            for length in 10..<packed.count - plain.count + 10 {
                #expect(try read(Array(packed[..<length])).faults.count == 1)
            }
        }
    }

    @Test func `have the checksum that gzip gives them`() {
        var state: UInt32 = 3
        let text = (0..<1200).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        for length in 0...text.count {
            let ours = text[..<length].withUnsafeBytes { checksum32($0) }
            #expect(ours == Gzip.checksum(Array(text[..<length])))
        }
    }

    @Test func `of folders that differ in the form of an accent alone are kept apart`() throws {
        for (folderName, record) in zip(["caf\u{E9}", "cafe\u{301}"], records) {
            try folder.write(Array(record.utf8), to: "logs/\(folderName)/1.json")
        }
        let collector = Collector()
        let reader = LogFileReader()
        let files = logFiles(at: [folder.url.appending(path: "logs").path()]) { _ in }
        // A file system may take both for one folder.
        for file in files { _ = reader.read(file, collector) }
        #expect(Set(collector.records).count == files.count && collector.faults.isEmpty)
    }

    @Test func `that are torn count up to the fault`() throws {
        let text = Array(SampleRecords.file(records).utf8)
        let whole = Gzip.compress(text)
        for bytes in [Array(whole.dropLast(12 + records[2].utf8.count / 2)), Array(text.dropLast(10))] {
            let result = try read(bytes)
            #expect(result.records == Array(records[..<2]))
            #expect(result.faults.map(\.reason) == [.truncated])
            #expect(result.faults[0].offset > records[0].utf8.count)
        }
        var damaged = whole
        damaged[damaged.count - 6] ^= 1
        let result = try read(damaged)
        #expect(result.records == records)
        #expect(result.faults.count == 1)
    }

    @Test func `with a record that is too large go on behind it`() throws {
        for size in [1 << 20, 10 << 20] {
            // The largest is read once only: this takes its time without optimisation.
            let huge = SampleRecords.record(
                "Huge", id: 9, more: #","blob":"\#(String(repeating: "{\\\"", count: size / 3))""#)
            let wrappers = [
                SampleRecords.file([records[0], huge, records[1]]),
                [records[0], huge, records[1]].joined(separator: "\n"),
            ]
            for text in size == 1 << 20 ? wrappers : [wrappers[0]] {
                let result = try read(text)
                #expect(result.records == Array(records[..<2]))
                #expect(result.faults.map(\.reason) == [.recordTooLarge(bytes: huge.utf8.count)])
                #expect(
                    result.faults.map(\.offset) == [
                        text.utf8.count - huge.utf8.count - records[1].utf8.count - (text.hasPrefix("{\"R") ? 3 : 1)
                    ])
            }
        }
    }

    @Test func `that are something else are named`() throws {
        for text in ["no json at all\nnor here", #"{"name": "a package", "version": 1}"#, "\u{7F}ELF\u{0}\u{1}"] {
            let result = try read(text)
            #expect(result.records.isEmpty && result.faults.map(\.reason) == [.notCloudTrail] && !result.summary.isLog)
        }
        #expect(try read("").faults.isEmpty)
        let digest = try read(#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#)
        #expect(digest.summary.isDigest && digest.records.isEmpty && digest.faults.isEmpty)
        let control =
            #"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}]}"#
        #expect(try read(control).faults.isEmpty)
    }

    @Test func `with a broken line go on in the next`() throws {
        for broken in [#"{"eventName":"x"#, #"{"eventName":[x}"#, #"{"eventName":{"a":1}"#, "{]", "garbage"] {
            let result = try read([records[0], broken, records[1]].joined(separator: "\n"))
            #expect(result.records == Array(records[..<2]), "\(broken)")
            #expect(result.faults.count == 1, "\(broken): \(result.faults)")
            #expect(
                result.faults.allSatisfy {
                    $0.offset >= records[0].utf8.count && $0.offset <= records[0].utf8.count + broken.utf8.count + 2
                })
        }
    }

    @Test func `with broken JSON between records go on at the next record`() throws {
        let result = try read(#"{"Records":[\#(records[0]),x,\#(records[1]),\#(records[2])]}"#)
        #expect(result.records == records && result.faults.map(\.reason) == [.brokenRecord])
    }

    @Test func `with a stray quotation mark in a record lose that record only`() throws {
        let many = (0..<200).map { SampleRecords.record("Call\($0)", id: $0) }
        var texts = many
        texts[10] = texts[10].replacingOccurrences(of: "Call10", with: "Cal\"l10")
        let result = try read(SampleRecords.file(texts))
        #expect(result.records == many.enumerated().filter { $0.offset != 10 }.map(\.element))
        #expect(result.faults.map(\.reason) == [.brokenRecord])
    }

    @Test func `with a broken line across two pieces of the input go on in the next`() throws {
        // The fault stands before the end of the first piece that is read, the end of the line behind it.
        let filler = String(repeating: records[0] + "\n", count: (255 << 10) / (records[0].utf8.count + 1))
        let broken = "{\"a\":x,\"b\":\"\(String(repeating: "y", count: 4096))\"}"
        let result = try read(filler + broken + "\n" + records[1])
        #expect(result.records.last == records[1] && result.faults.count == 1)
        let worse = try read(filler + "{\"eventName\":[\(String(repeating: "y", count: 4096))}\n" + records[1])
        #expect(worse.records.last == records[1] && worse.faults.map(\.reason) == [.brokenRecord])
    }

    @Test func `that end inside a record of any size say so`() throws {
        for extra in stride(from: 0, to: 64, by: 9) {
            let torn = "{\"Records\":[" + records[0] + ",{\"x\":\"" + String(repeating: "y", count: (1 << 20) + extra)
            #expect(try read(torn).faults.map(\.reason) == [.truncated])
        }
    }

    @Test func `whose wrapper is broken name the place`() throws {
        let result = try read("{\"a\":1,\"Records\":[\(records[0]),\(records[1]) \(records[2])]}")
        #expect(result.records == Array(records[..<2]) && result.faults.map(\.reason) == [.brokenRecord])
    }

    @Test func `with something behind the gzip data keep what stands before`() throws {
        let result = try read(Gzip.compress(Array(records[0].utf8)) + Array("garbage".utf8))
        #expect(result.records == [records[0]] && result.faults.count == 1)
    }

    @Test func `behind links in circles are read once`() throws {
        try folder.write(records[0], to: "logs/a.json")
        let logs = folder.url.appending(path: "logs")
        try FileManager.default.createSymbolicLink(at: logs.appending(path: "self"), withDestinationURL: logs)
        #expect(logFiles(at: [logs.path()]) { _ in }.count == 1)
    }

    @Test func `are found in folders of any depth, in order`() throws {
        let paths = ["b/2026/x.json.gz", "a/y.json", "z.json"]
        for path in paths { try folder.write("{}", to: path) }
        try folder.write("{}", to: ".hidden")
        var faults: [LogFault] = []
        let files = logFiles(at: [folder.url.path(), "/nowhere/at/all"]) { faults.append($0) }
        #expect(
            files.map { String($0.path.dropFirst(folder.url.path().count)).trimmingPrefix("/") } == [
                "a/y.json", "b/2026/x.json.gz", "z.json",
            ])
        #expect(faults.count == 1)
    }
}
