import AWSCore
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Store

@Suite struct `A store of another version` {
    private let folder: TemporaryFolder
    private var path: String { folder.url.appending(path: "store.db").path() }

    init() throws { folder = try TemporaryFolder() }

    /// A store of the first form, with a group and one chunk whose events stand each behind its time and length.
    private func makeFirst() throws {
        let database = try SQLite(path: path)
        try database.execute("\(Schema.steps[0].sql); PRAGMA user_version = 1")
        var text: [UInt8] = []
        for message in ["one", #"{"a":1}"#] {
            withUnsafeBytes(of: Int64(1000).littleEndian) { text += $0 }
            withUnsafeBytes(of: UInt32(message.utf8.count).littleEndian) { text += $0 }
            text += message.utf8
        }
        try database.run(
            "INSERT INTO chunk VALUES (7, 'a', 'r', 'g', 's', 1000, 1000, 2000, 2, 10, ?, ?)",
            .integer(Int64(text.count)), .blob(text))
    }

    @Test func `that is older is brought up to date, and gives its events`() throws {
        try makeFirst()
        let store = try Store(path: path)
        let scope = Scope(account: "a", region: "r")
        let search = EventSearch(
            scope: scope, group: "g", start: Timestamp(seconds: 0), end: Timestamp(seconds: 10))
        #expect(try search.run(in: store).events.map(\.message) == ["one", #"{"a":1}"#])
        #expect(try store.lastNumber() == 7)
        #expect(try store.storedBytes().map(\.bytes) == [10])
    }

    @Test func `that is newer is refused with words`() throws {
        let database = try SQLite(path: path)
        try database.execute("PRAGMA user_version = \(Schema.steps.count + 1)")
        let error = try #require(throws: StoreError.self) { _ = try Store(path: path) }
        #expect(error.description.contains("use the version that wrote it"))
    }
}
