/// The tables, and how they came to be: named steps, each applied once, in order.
enum Schema {
    static let steps: [(name: String, sql: String)] = [
        (
            "first",
            """
            CREATE TABLE item (kind TEXT, account TEXT, region TEXT, name TEXT, body BLOB NOT NULL,
                PRIMARY KEY (kind, account, region, name)) WITHOUT ROWID;
            CREATE TABLE metric (id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
                namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL);
            CREATE TABLE metric_minute (metric INTEGER, minute INTEGER, unit TEXT, body BLOB NOT NULL,
                PRIMARY KEY (metric, minute, unit)) WITHOUT ROWID;
            CREATE TABLE chunk (id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
                log_group TEXT NOT NULL, stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
                ingestion INTEGER NOT NULL, count INTEGER NOT NULL, message_bytes INTEGER NOT NULL,
                size INTEGER NOT NULL, data BLOB NOT NULL);
            CREATE INDEX chunk_first ON chunk (account, region, log_group, first, id, last);
            CREATE INDEX chunk_last ON chunk (account, region, log_group, last, id, first);
            CREATE INDEX chunk_bytes ON chunk (account, region, log_group, message_bytes);
            CREATE TABLE entry (id INTEGER PRIMARY KEY, journal TEXT NOT NULL, account TEXT NOT NULL,
                region TEXT NOT NULL, subject TEXT NOT NULL, time INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE INDEX entry_time ON entry (journal, account, region, time);
            """
        ),
        // Chunks that are there keep their layout.
        ("forms of chunks", "ALTER TABLE chunk ADD COLUMN form INTEGER NOT NULL DEFAULT 1"),
        (
            "ages",
            """
            CREATE INDEX entry_age ON entry (journal, time);
            DROP INDEX chunk_last;
            DROP INDEX chunk_bytes;
            CREATE INDEX chunk_last ON chunk (account, region, log_group, last, id, first, message_bytes);
            """
        ),
        (
            "sources",
            """
            CREATE TABLE source_file (source TEXT, path TEXT, records INTEGER NOT NULL, size INTEGER NOT NULL,
                modified INTEGER NOT NULL, is_done INTEGER NOT NULL, PRIMARY KEY (source, path)) WITHOUT ROWID;
            """
        ),
    ]

    /// Brings the store to this version's form. A store of a newer version is refused.
    static func migrate(_ database: SQLite, path: String) throws(StoreError) {
        var version = 0
        try database.query("PRAGMA user_version") {
            version = Int($0.integer(0))
            return false
        }
        guard version <= steps.count else {
            throw StoreError(
                "the store \(path) has form \(version), and this version of trailwarden knows forms up to \(steps.count): "
                    + "use the version that wrote it, or a newer one")
        }
        for (number, step) in steps.enumerated().dropFirst(version) {
            try database.execute("BEGIN IMMEDIATE; \(step.sql); PRAGMA user_version = \(number + 1); COMMIT")
        }
    }

    static func empty(_ database: SQLite) throws(StoreError) {
        try database.execute(
            """
            BEGIN IMMEDIATE; DELETE FROM item; DELETE FROM metric; DELETE FROM metric_minute; DELETE FROM chunk;
            DELETE FROM entry; DELETE FROM source_file; COMMIT
            """)
    }
}
