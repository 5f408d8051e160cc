internal import CSQLite

/// A connection to a SQLite database, its statements prepared once. For one thread at a time.
final class SQLite {
    enum Value {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case blob([UInt8])
    }

    /// A row of a result, valid until the next one.
    struct Row {
        fileprivate let statement: OpaquePointer

        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
        func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
        func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
        func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
        func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

        func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
            let start = sqlite3_column_blob(statement, column)
            return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
        }
    }

    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    init(path: String) throws(StoreError) {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK else {
            let error = StoreError("cannot open the store \(path): \(message)")
            sqlite3_close_v2(handle)
            throw error
        }
        sqlite3_busy_timeout(handle, 10_000)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    private var message: String { handle.flatMap(sqlite3_errmsg).map { String(cString: $0) } ?? "out of memory" }

    /// Runs statements that give nothing back and take nothing.
    func execute(_ sql: String) throws(StoreError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw StoreError(message) }
    }

    func run(_ sql: String, _ values: Value...) throws(StoreError) {
        try query(sql, values) { _ in true }
    }

    /// Calls `body` with each row, until it says false.
    func query(_ sql: String, _ values: [Value] = [], _ body: (Row) -> Bool) throws(StoreError) {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        for (i, value) in values.enumerated() { bind(value, to: statement, at: Int32(i + 1)) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if !body(Row(statement: statement)) { return }
            case SQLITE_DONE: return
            default: throw StoreError(message)
            }
        }
    }

    private func prepared(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
            let statement
        else { throw StoreError(message) }
        statements[sql] = statement
        return statement
    }

    /// Tells SQLite to copy what is bound.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ value: Value, to statement: OpaquePointer, at place: Int32) {
        switch value {
        case .null: sqlite3_bind_null(statement, place)
        case .integer(let value): sqlite3_bind_int64(statement, place, value)
        case .real(let value): sqlite3_bind_double(statement, place, value)
        case .text(let value):
            var value = value
            value.withUTF8 {
                _ = sqlite3_bind_text64(
                    statement, place, UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    UInt64($0.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        case .blob(let value): sqlite3_bind_blob64(statement, place, value, UInt64(value.count), Self.transient)
        }
    }
}
