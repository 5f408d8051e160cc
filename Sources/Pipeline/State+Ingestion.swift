public import AWSCore
public import LogGroups
public import Store

extension PipelineState {
    /// What must be known of a log group to take events for it without the lock.
    public struct Intake: Sendable {
        public var group: LogGroup
        public var filters: FilterSnapshot
    }

    /// - Returns: nil when there is no such group.
    public func intake(of group: String, in scope: Scope) -> Intake? {
        guard let row = logGroups[scope, group] else { return nil }
        return Intake(group: row, filters: snapshot(of: group, in: scope))
    }

    func snapshot(of group: String, in scope: Scope) -> FilterSnapshot {
        if let snapshot = snapshots[scope]?[group] { return snapshot }
        let snapshot = FilterSnapshot(
            metricFilters.all(in: scope, prefix: group + ":"), exceptions: settings.exceptions)
        snapshots[scope, default: [:]][group] = snapshot
        return snapshot
    }

    /// To be called when the metric filters of a group have changed.
    public func filtersChanged(of group: String, in scope: Scope) {
        snapshots[scope]?[group] = nil
    }

    /// Stores the events of a stream, with what the filters of its group publish of them.
    ///
    /// - Parameter events: at least one.
    public func append(
        _ events: [LogEvent], _ data: [FilterSnapshot.Datum], to stream: String, of group: String, in scope: Scope,
        at now: Timestamp
    ) {
        append(EventChunk(events, to: stream, of: group, in: scope, at: now), data)
    }

    /// The same for events that were compressed before the lock was taken.
    public func append(_ chunk: EventChunk, _ data: [FilterSnapshot.Datum]) {
        var chunk = chunk
        chunk.id = takeNumber()
        let (scope, group, now) = (chunk.scope, chunk.group, chunk.ingestion)
        let key = group + ":" + chunk.stream
        var row = logStreams[scope, key] ?? LogStream(name: chunk.stream, creationTime: now)
        row.firstEventTime = min(row.firstEventTime ?? chunk.first, chunk.first)
        row.lastEventTime = max(row.lastEventTime ?? chunk.last, chunk.last)
        row.lastIngestionTime = now
        row.uploadSequenceToken = String(chunk.id)
        logStreams.setOften(row, scope, key)
        storedBytes[scope, default: [:]][group, default: 0] += chunk.messageBytes
        batch.chunks.append(chunk)
        for datum in data { publish(datum, in: scope) }
        noteProof(data, chunk.stream, of: group, in: scope)
    }

    /// The metric filters of a group.
    public func filters(of group: String, in scope: Scope) -> [MetricFilter] {
        metricFilters.all(in: scope, prefix: group + ":")
    }

    /// The patterns of all metric filters.
    public var filterPatterns: [String] {
        guard !settings.exceptions.exceptions.isEmpty else { return [] }
        var patterns: Set<String> = []
        metricFilters.forEach { _, _, filter in patterns.insert(filter.pattern) }
        return patterns.sorted()
    }

    /// Makes a group, unless it is there.
    public func ensureLogGroup(_ group: String, in scope: Scope, at now: Timestamp) {
        if logGroups[scope, group] == nil { logGroups[scope, group] = LogGroup(name: group, creationTime: now) }
    }

    /// Stores a part of a file of a source, and how far the file is taken by that: both or neither.
    public func take(
        _ chunks: [EventChunk], _ data: [FilterSnapshot.Datum], of file: Batch.FileKey,
        upTo position: Batch.FilePosition
    ) {
        for (place, chunk) in chunks.enumerated() { append(chunk, place == 0 ? data : []) }
        batch.files[file] = position
    }

    public func storedBytes(of group: String, in scope: Scope) -> Int { storedBytes[scope]?[group] ?? 0 }

    /// Deletes a group and all that is in it.
    public func deleteLogGroup(_ group: String, in scope: Scope) {
        for name in logStreams.names(in: scope, prefix: group + ":") { logStreams[scope, name] = nil }
        for name in metricFilters.names(in: scope, prefix: group + ":") { metricFilters[scope, name] = nil }
        filtersChanged(of: group, in: scope)
        logGroups[scope, group] = nil
        storedBytes[scope]?[group] = nil
        dropChunks(of: group, in: scope)
    }

    public func deleteLogStream(_ stream: String, of group: String, in scope: Scope) {
        logStreams[scope, group + ":" + stream] = nil
        dropChunks(of: group, in: scope, stream: stream)
    }

    private func dropChunks(of group: String, in scope: Scope, stream: String? = nil) {
        batch.chunks.removeAll { $0.scope == scope && $0.group == group && (stream == nil || $0.stream == stream) }
        batch.deletions.append(Batch.Deletion(scope: scope, group: group, stream: stream))
    }
}

extension EventChunk {
    public init(_ events: [LogEvent], to stream: String, of group: String, in scope: Scope, at now: Timestamp) {
        self.init(
            id: 0, scope: scope, group: group, stream: stream, ingestion: now,
            events: events.map { ($0.time, $0.message) })
    }
}
