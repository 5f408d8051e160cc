public import AWSCore
internal import FoundationEssentials
internal import Store

/// The configured things of one kind, by account, region and name: all in memory, each written to the store when it
/// changes.
///
/// Confined to the pipeline's lock, as the state it belongs to.
public final class Table<Row: Codable> {
    let kind: String
    private unowned let state: PipelineState
    private var rows: [Scope: [String: Row]] = [:]
    /// Rows that the batch has not got yet.
    private var unwritten: [Scope: Set<String>] = [:]

    init(_ kind: String, _ state: PipelineState) {
        self.kind = kind
        self.state = state
    }

    func load() throws(StoreError) {
        for (scope, name, body) in try state.store.items(kind) {
            do {
                rows[scope, default: [:]][name] = try JSONDecoder().decode(Row.self, from: Data(body))
            } catch {
                throw StoreError("the store's \(kind) `\(name)` cannot be read: \(error)")
            }
        }
    }

    public subscript(_ scope: Scope, _ name: String) -> Row? {
        get { rows[scope]?[name] }
        set {
            if unwritten[scope] != nil { unwritten[scope]?.remove(name) }
            do {
                try enter(newValue, scope, name)
                rows[scope, default: [:]][name] = newValue
            } catch {
                // Nothing is kept in memory that the store would not know again.
                state.failure = StoreError("the \(kind) `\(name)` cannot be stored: \(error)")
            }
        }
    }

    private func enter(_ row: Row?, _ scope: Scope, _ name: String) throws {
        let body = try row.map { Array(try JSONEncoder().encode($0)) }
        state.batch.items[Batch.ItemKey(kind: kind, scope: scope, name: name)] = .some(body)
    }

    /// Sets a row that changes with nearly every call, and that nothing can keep from being stored: it enters the batch
    /// once, when that is committed. The caller changes the batch besides.
    func setOften(_ row: Row, _ scope: Scope, _ name: String) {
        rows[scope, default: [:]][name] = row
        unwritten[scope, default: []].insert(name)
    }

    /// Puts into the batch what was set by `setOften`.
    func write() {
        for (scope, names) in unwritten {
            for name in names { try? enter(rows[scope]?[name], scope, name) }
        }
        unwritten.removeAll(keepingCapacity: true)
    }

    /// In the order of the names.
    public func names(in scope: Scope, prefix: String = "") -> [String] {
        let names = rows[scope]?.keys.filter { prefix.isEmpty || $0.hasPrefix(prefix) } ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// In the order of the names.
    public func all(in scope: Scope, prefix: String = "") -> [Row] {
        names(in: scope, prefix: prefix).compactMap { rows[scope]?[$0] }
    }

    public func count(in scope: Scope) -> Int { rows[scope]?.count ?? 0 }

    /// In no order.
    public func forEach(_ body: (Scope, String, Row) -> Void) {
        for (scope, named) in rows { for (name, row) in named { body(scope, name, row) } }
    }
}
