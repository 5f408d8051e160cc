public import AWSCore
internal import Synchronization

/// Everything the server knows, on disk: SQLite, or memory for tests.
///
/// One thread commits; any may read. A committed batch is on disk (`synchronous=FULL`).
public final class Store: Sendable {
    /// A connection that one thread at a time uses.
    private final class Connection: @unchecked Sendable {
        let lock = Mutex(())
        let database: SQLite

        init(_ path: String) throws(StoreError) {
            database = try SQLite(path: path)
        }

        func use<Result: Sendable>(
            _ body: (SQLite) throws(StoreError) -> sending Result
        ) throws(StoreError) -> sending Result {
            let outcome = lock.withLock { _ -> Swift.Result<Result, StoreError> in
                do throws(StoreError) { return .success(try body(database)) } catch { return .failure(error) }
            }
            return try outcome.get()
        }
    }

    private let writer: Connection
    private let reader: Connection

    /// Opens the store, and makes or migrates it where that is needed.
    ///
    /// - Parameter path: of a file, or `:memory:`.
    public init(path: String) throws(StoreError) {
        writer = try Connection(path)
        try writer.use { database throws(StoreError) in
            if path != ":memory:" { try database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL") }
            try Schema.migrate(database, path: path)
        }
        // A database in memory is its connection's own.
        reader = path == ":memory:" ? writer : try Connection(path)
    }

    // MARK: Writing

    /// Writes all of a batch, or nothing.
    public func commit(_ batch: Batch) throws(StoreError) {
        try writer.use { database throws(StoreError) in
            try database.execute("BEGIN IMMEDIATE")
            do throws(StoreError) {
                try Self.write(batch, to: database)
                try database.execute("COMMIT")
            } catch {
                try? database.execute("ROLLBACK")
                throw error
            }
        }
    }

    private static func write(_ batch: Batch, to database: SQLite) throws(StoreError) {
        for deletion in batch.deletions { try delete(deletion, from: database) }
        for expiry in batch.expiries { try delete(expiry, from: database) }
        for (key, body) in batch.items {
            if let body {
                try database.run(
                    "INSERT OR REPLACE INTO item (kind, account, region, name, body) VALUES (?, ?, ?, ?, ?)",
                    .text(key.kind), .text(key.scope.account), .text(key.scope.region), .text(key.name), .blob(body))
            } else {
                try database.run(
                    "DELETE FROM item WHERE kind = ? AND account = ? AND region = ? AND name = ?", .text(key.kind),
                    .text(key.scope.account), .text(key.scope.region), .text(key.name))
            }
        }
        for metric in batch.metrics {
            try database.run(
                "INSERT INTO metric (id, account, region, namespace, name, dimensions) VALUES (?, ?, ?, ?, ?, ?)",
                .integer(metric.id), .text(metric.scope.account), .text(metric.scope.region), .text(metric.namespace),
                .text(metric.name), .text(metric.dimensions))
        }
        for (key, body) in batch.minutes {
            guard let body else {
                try database.run(
                    "DELETE FROM metric_minute WHERE metric = ? AND minute = ? AND unit = ?", .integer(key.metric),
                    .integer(key.minute), .text(key.unit))
                continue
            }
            try database.run(
                "INSERT OR REPLACE INTO metric_minute (metric, minute, unit, body) VALUES (?, ?, ?, ?)",
                .integer(key.metric), .integer(key.minute), .text(key.unit), .blob(body))
        }
        for (key, position) in batch.files {
            try database.run(
                "INSERT OR REPLACE INTO source_file (source, path, records, size, modified, is_done) VALUES (?, ?, ?, ?, ?, ?)",
                .text(key.source), .text(key.path), .integer(Int64(position.records)), .integer(position.size),
                .integer(position.modified), .integer(position.isDone ? 1 : 0))
        }
        for chunk in batch.chunks {
            try database.run(
                """
                INSERT INTO chunk (id, account, region, log_group, stream, first, last, ingestion, count, message_bytes, \
                size, data, form) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .integer(chunk.id), .text(chunk.scope.account), .text(chunk.scope.region), .text(chunk.group),
                .text(chunk.stream), .integer(chunk.first.milliseconds), .integer(chunk.last.milliseconds),
                .integer(chunk.ingestion.milliseconds), .integer(Int64(chunk.count)),
                .integer(Int64(chunk.messageBytes)), .integer(Int64(chunk.size)), .blob(chunk.data),
                .integer(chunk.form.rawValue))
        }
        for entry in batch.entries {
            try database.run(
                "INSERT INTO entry (id, journal, account, region, subject, time, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                .integer(entry.id), .text(entry.journal), .text(entry.scope.account), .text(entry.scope.region),
                .text(entry.subject), .integer(entry.time.milliseconds), .blob(entry.body))
        }
    }

    private static func delete(_ deletion: Batch.Deletion, from database: SQLite) throws(StoreError) {
        var sql = "DELETE FROM chunk WHERE account = ? AND region = ? AND log_group = ?"
        var values: [SQLite.Value] = [
            .text(deletion.scope.account), .text(deletion.scope.region), .text(deletion.group),
        ]
        if let stream = deletion.stream {
            sql += " AND stream = ?"
            values.append(.text(stream))
        }
        if let before = deletion.before {
            sql += " AND last < ?"
            values.append(.integer(before.milliseconds))
        }
        if let through = deletion.through {
            sql += " AND id <= ?"
            values.append(.integer(through))
        }
        try database.query(sql, values) { _ in true }
    }

    private static func delete(_ expiry: Batch.Expiry, from database: SQLite) throws(StoreError) {
        switch expiry {
        case .entries(let journal, let before):
            try database.run(
                "DELETE FROM entry WHERE journal = ? AND time < ?", .text(journal), .integer(before.milliseconds))
        case .minutes(let before):
            // By metric, so that the key is used and nothing else is looked at.
            try database.run(
                "DELETE FROM metric_minute WHERE metric IN (SELECT id FROM metric) AND minute < ?", .integer(before))
        case .files(let source, let before):
            try database.run(
                "DELETE FROM source_file WHERE source = ? AND modified < ?", .text(source),
                .integer(before.milliseconds))
        }
    }

    /// Forgets everything.
    public func reset() throws(StoreError) {
        try writer.use { database throws(StoreError) in try Schema.empty(database) }
    }

    // MARK: Reading

    /// The documents of a kind.
    public func items(_ kind: String) throws(StoreError) -> [(scope: Scope, name: String, body: [UInt8])] {
        try reader.use { database throws(StoreError) in
            var items: [(scope: Scope, name: String, body: [UInt8])] = []
            try database.query("SELECT account, region, name, body FROM item WHERE kind = ?", [.text(kind)]) {
                items.append((Scope(account: $0.text(0), region: $0.text(1)), $0.text(2), $0.blob(3)))
                return true
            }
            return items
        }
    }

    public func metrics() throws(StoreError) -> [Batch.Metric] {
        try reader.use { database throws(StoreError) in
            var metrics: [Batch.Metric] = []
            try database.query("SELECT id, account, region, namespace, name, dimensions FROM metric") {
                metrics.append(
                    Batch.Metric(
                        id: $0.integer(0), scope: Scope(account: $0.text(1), region: $0.text(2)),
                        namespace: $0.text(3), name: $0.text(4), dimensions: $0.text(5)))
                return true
            }
            return metrics
        }
    }

    /// How far a file has been taken; nil if it has not been begun.
    public func position(of file: Batch.FileKey) throws(StoreError) -> Batch.FilePosition? {
        try reader.use { database throws(StoreError) in
            var position: Batch.FilePosition?
            try database.query(
                "SELECT records, size, modified, is_done FROM source_file WHERE source = ? AND path = ?",
                [.text(file.source), .text(file.path)]
            ) {
                position = Batch.FilePosition(
                    records: Int($0.integer(0)), size: $0.integer(1), modified: $0.integer(2),
                    isDone: $0.integer(3) != 0)
                return false
            }
            return position
        }
    }

    /// All positions of a source.
    public func positions(of source: String) throws(StoreError) -> [(path: String, modified: Int64)] {
        try reader.use { database throws(StoreError) in
            var positions: [(path: String, modified: Int64)] = []
            try database.query("SELECT path, modified FROM source_file WHERE source = ?", [.text(source)]) {
                positions.append(($0.text(0), $0.integer(1)))
                return true
            }
            return positions
        }
    }

    /// The minutes of a metric from `start`, included, to `end`, excluded.
    public func minutes(
        of metric: Int64, from start: Int64, to end: Int64
    ) throws(StoreError) -> [(minute: Int64, unit: String, body: [UInt8])] {
        try reader.use { database throws(StoreError) in
            var minutes: [(minute: Int64, unit: String, body: [UInt8])] = []
            try database.query(
                "SELECT minute, unit, body FROM metric_minute WHERE metric = ? AND minute >= ? AND minute < ?",
                [.integer(metric), .integer(start), .integer(end)]
            ) {
                minutes.append(($0.integer(0), $0.text(1), $0.blob(2)))
                return true
            }
            return minutes
        }
    }

    /// The largest number given to a chunk or an entry.
    public func lastNumber() throws(StoreError) -> Int64 {
        try reader.use { database throws(StoreError) in
            var last: Int64 = 0
            let sql = "SELECT max(coalesce((SELECT max(id) FROM chunk), 0), coalesce((SELECT max(id) FROM entry), 0))"
            try database.query(sql) {
                last = $0.integer(0)
                return false
            }
            return last
        }
    }

    /// The bytes of messages that a group holds in chunks that ended before an instant, and the last of those chunks.
    public func expired(
        of group: String, in scope: Scope, before: Timestamp
    ) throws(StoreError) -> (bytes: Int, last: Int64) {
        try reader.use { database throws(StoreError) in
            var found = (bytes: 0, last: Int64(0))
            let sql = """
                SELECT coalesce(sum(message_bytes), 0), coalesce(max(id), 0) FROM chunk \
                WHERE account = ? AND region = ? AND log_group = ? AND last < ?
                """
            let values: [SQLite.Value] = [
                .text(scope.account), .text(scope.region), .text(group), .integer(before.milliseconds),
            ]
            try database.query(sql, values) {
                found = (Int($0.integer(0)), $0.integer(1))
                return false
            }
            return found
        }
    }

    /// The bytes of messages stored for each group.
    public func storedBytes() throws(StoreError) -> [(scope: Scope, group: String, bytes: Int)] {
        try reader.use { database throws(StoreError) in
            var totals: [(scope: Scope, group: String, bytes: Int)] = []
            let sql =
                "SELECT account, region, log_group, sum(message_bytes) FROM chunk GROUP BY account, region, log_group"
            try database.query(sql) {
                totals.append((Scope(account: $0.text(0), region: $0.text(1)), $0.text(2), Int($0.integer(3))))
                return true
            }
            return totals
        }
    }

    /// The chunks of a group that hold events from `start` to `end`, both included, in order of their first event.
    /// Calls `body` until it says false.
    public func chunks(
        of group: String, in scope: Scope, from start: Timestamp, to end: Timestamp, newestFirst: Bool = false,
        stream: String? = nil, _ body: (EventChunk) -> Bool
    ) throws(StoreError) {
        // The plus keeps SQLite from choosing the index by the other bound, and sorting all chunks for each page.
        var sql = """
            SELECT id, stream, first, last, ingestion, count, message_bytes, size, data, form FROM chunk \
            WHERE account = ? AND region = ? AND log_group = ? AND \(newestFirst ? "" : "+")last >= ? \
            AND \(newestFirst ? "+" : "")first <= ?
            """
        var values: [SQLite.Value] = [
            .text(scope.account), .text(scope.region), .text(group), .integer(start.milliseconds),
            .integer(end.milliseconds),
        ]
        if let stream {
            sql += " AND stream = ?"
            values.append(.text(stream))
        }
        let (column, order) = newestFirst ? ("last", "DESC") : ("first", "ASC")
        let comparison = newestFirst ? "<" : ">"
        sql += " AND (\(column), id) \(comparison) (?, ?) ORDER BY \(column) \(order), id \(order) LIMIT 64"
        // A page is gathered before it is looked at, so that no writer of a database in memory waits for a search. The
        // next one begins behind the last chunk of this one.
        var place: (time: Int64, id: Int64) = newestFirst ? (.max, .max) : (.min, .min)
        while true {
            let page = try reader.use { database throws(StoreError) in
                var page: [EventChunk] = []
                try database.query(sql, values + [.integer(place.time), .integer(place.id)]) {
                    page.append(EventChunk($0, scope: scope, group: group))
                    return true
                }
                return page
            }
            for chunk in page where !body(chunk) { return }
            guard page.count == 64, let last = page.last else { return }
            place = ((newestFirst ? last.last : last.first).milliseconds, last.id)
        }
    }

    /// The chunks of a stream, those first that came in last. Calls `body` until it says false.
    public func newestChunks(
        of group: String, in scope: Scope, stream: String, _ body: (EventChunk) -> Bool
    ) throws(StoreError) {
        let sql = """
            SELECT id, stream, first, last, ingestion, count, message_bytes, size, data, form FROM chunk \
            WHERE account = ? AND region = ? AND log_group = ? AND stream = ? AND id < ? ORDER BY id DESC LIMIT 64
            """
        let values: [SQLite.Value] = [.text(scope.account), .text(scope.region), .text(group), .text(stream)]
        var last = Int64.max
        while true {
            let page = try reader.use { database throws(StoreError) in
                var page: [EventChunk] = []
                try database.query(sql, values + [.integer(last)]) {
                    page.append(EventChunk($0, scope: scope, group: group))
                    return true
                }
                return page
            }
            for chunk in page where !body(chunk) { return }
            guard page.count == 64, let end = page.last else { return }
            last = end.id
        }
    }

    /// The entries of a journal, in order of time. Calls `body` until it says false.
    public func entries(
        of journal: String, in scope: Scope, subject: String? = nil, from start: Timestamp, to end: Timestamp,
        newestFirst: Bool, _ body: (Batch.Entry) -> Bool
    ) throws(StoreError) {
        var sql = """
            SELECT id, subject, time, body FROM entry WHERE journal = ? AND account = ? AND region = ? \
            AND time >= ? AND time <= ?
            """
        var values: [SQLite.Value] = [
            .text(journal), .text(scope.account), .text(scope.region), .integer(start.milliseconds),
            .integer(end.milliseconds),
        ]
        if let subject {
            sql += " AND subject = ?"
            values.append(.text(subject))
        }
        sql += newestFirst ? " ORDER BY time DESC, id DESC" : " ORDER BY time, id"
        try reader.use { database throws(StoreError) in
            try database.query(sql, values) {
                body(
                    Batch.Entry(
                        id: $0.integer(0), journal: journal, scope: scope, subject: $0.text(1),
                        time: Timestamp(milliseconds: $0.integer(2)), body: $0.blob(3)))
            }
        }
    }
}
