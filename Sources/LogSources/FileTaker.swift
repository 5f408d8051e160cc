internal import AWSCore
internal import CloudTrail
internal import FilterPattern
internal import JSONText
internal import LogGroups
internal import Pipeline
internal import Store

/// Takes the records of a file into a log group: matched, stored and counted with the position in the file, all at once.
///
/// For one thread.
final class FileTaker: RecordConsumer {
    enum Outcome: Sendable {
        /// So many records were taken; and what of the file could not be, the first of so many faults.
        case taken(records: Int, bytes: Int, fault: LogFault?, faults: Int)
        /// Nothing new was there.
        case known
        /// It could not be read, why, and whether it was given up: what stands before the fault was taken then.
        case unreadable(LogFault, isGivenUp: Bool)
    }

    /// More than so much is not kept in memory before it is stored, in bytes of messages.
    private static let largestPart = 256 << 20
    /// The text of a chunk.
    private static let chunkSize = 1 << 20

    private let source: LogSource
    private let pipeline: Pipeline
    private let reader = LogFileReader()

    // The file that is being read.
    private var collector: FilterSnapshot.Collector?
    private var builder = EventChunkBuilder()
    private var chunks: [EventChunk] = []
    private var data: [FilterSnapshot.Datum] = []
    private var file = Batch.FileKey(source: "", path: "")
    private var identity = FileState(size: 0, modified: 0)
    private var seen = 0
    private var skipped = 0
    private var kept = 0
    private var bytes = 0
    /// Why the file as a whole was not read.
    private var broken: LogFault?
    private var firstFault: LogFault?
    private var faultCount = 0
    private var failure: StoreError?
    /// Nil until it is known which events the store has.
    private var recent: RecentEvents?

    init(_ source: LogSource, _ pipeline: Pipeline) {
        self.source = source
        self.pipeline = pipeline
    }

    /// What is known of a file from outside.
    struct FileState: Hashable, Sendable {
        var size: Int64
        var modified: Int64
    }

    /// - Parameter isFinal: whether a file that is damaged is taken as far as it can be read, instead of left alone.
    func take(_ path: String, _ state: FileState, isFinal: Bool) throws(StoreError) -> Outcome {
        let file = Batch.FileKey(source: source.positions, path: path)
        let known = try pipeline.store.position(of: file)
        if let known, known.isDone, known.size == state.size, known.modified == state.modified { return .known }
        return try take(file, state, after: known?.records ?? 0, isFinal: isFinal) { reader in
            reader.read(path, self).bytes
        }
    }

    /// Whether all of a file is taken that never changes.
    func isDone(_ name: String) throws(StoreError) -> Bool {
        try pipeline.store.position(of: Batch.FileKey(source: source.positions, path: name))?.isDone ?? false
    }

    /// Takes a file that never changes under another name than its own.
    func take(_ path: String, named name: String, size: Int64, isFinal: Bool) throws(StoreError) -> Outcome {
        let file = Batch.FileKey(source: source.positions, path: name)
        let known = try pipeline.store.position(of: file)
        if known?.isDone == true { return .known }
        let state = FileState(size: size, modified: pipeline.clock.now.milliseconds)
        return try take(file, state, after: known?.records ?? 0, isFinal: isFinal) { $0.read(path, self).bytes }
    }

    /// Takes what has been sent under a name: once, however often it is sent.
    func take(_ parts: [[UInt8]], named name: String) throws(StoreError) -> Outcome {
        let file = Batch.FileKey(source: source.positions, path: name)
        if try pipeline.store.position(of: file) != nil { return .known }
        let state = FileState(size: 0, modified: pipeline.clock.now.milliseconds)
        return try take(file, state, after: 0, isFinal: false) { reader in
            var bytes = 0
            for (number, part) in parts.enumerated() {
                bytes += part.withUnsafeBytes { reader.read($0, named: "\(name), record \(number + 1)", self).bytes }
            }
            // The sender is told of what holds no records at all, and keeps it.
            if kept == 0, let firstFault { broken = broken ?? firstFault }
            return bytes
        }
    }

    private func take(
        _ file: Batch.FileKey, _ state: FileState, after records: Int, isFinal: Bool,
        _ read: (LogFileReader) -> Int
    ) throws(StoreError) -> Outcome {
        self.file = file
        identity = state
        let filters = try pipeline.perform { pipeline, _ in
            pipeline.filters(of: self.source.logGroup, in: self.source.scope)
        }
        collector = FilterSnapshot.Collector(
            FilterSnapshot(
                filters, exceptions: pipeline.settings.exceptions,
                reading: [Selector("eventTime"), Selector("eventID")]),
            evidenceFrom: pipeline.settings.evidenceStart(at: pipeline.clock.now))
        defer { collector = nil }
        (seen, skipped, kept, bytes) = (0, records, 0, 0)
        (chunks, data, failure) = ([], [], nil)
        builder = EventChunkBuilder()
        (broken, firstFault, faultCount) = (nil, nil, 0)
        if source.deduplicates, recent == nil { recent = try takenLately() }
        // What is not stored comes again.
        defer { recent?.takeBack() }
        let bytesRead = read(reader)
        if let failure { throw failure }
        if let broken {
            // One that may not be read now may be read tomorrow. Parts that were stored stay; the rest is read again.
            guard isFinal, !broken.isOfThePath else { return .unreadable(broken, isGivenUp: false) }
            try store(isDone: true)
            return .unreadable(broken, isGivenUp: true)
        }
        try store(isDone: true)
        return .taken(records: kept, bytes: bytesRead, fault: firstFault, faults: faultCount)
    }

    /// The events of the window that the store has: no list of ids is kept beside it that could say anything else.
    private func takenLately() throws(StoreError) -> RecentEvents {
        var recent = RecentEvents(window: source.deduplicationWindow)
        let now = pipeline.clock.now
        let start = now.advanced(bySeconds: -Int64(source.deduplicationWindow))
        let collector = FilterSnapshot.Collector(FilterSnapshot([], reading: [Selector("eventID")]))
        let text = ChunkText()
        try pipeline.store.newestChunks(of: source.logGroup, in: source.scope, stream: source.stream) { chunk in
            guard chunk.ingestion >= start, recent.count < RecentEvents.most / 2 else { return false }
            guard text.load(chunk) else { return true }
            text.forEach { _, _, message, _ in
                collector.match(message)
                if let id = collector.value(0) { _ = recent.isKnown(id, at: now) }
            }
            return true
        }
        recent.keep()
        return recent
    }

    func consume(_ record: Record) {
        guard let collector, failure == nil else { return }
        collector.match(record.range, of: record.view)
        take(record, collector)
    }

    func consume(recordAt start: Int, in text: RecordText) -> Int {
        guard let collector, failure == nil else { return -1 }
        let limit = min(text.view.count, start + LogFileReader.maximumRecord)
        let end = collector.match(objectAt: start, of: text.view, limit: limit)
        if end > 0 { take(text.record(start..<end), collector) }
        return end
    }

    /// Takes the record that was matched last.
    private func take(_ record: Record, _ collector: FilterSnapshot.Collector) {
        seen += 1
        // Those were taken before the file grew, or before the server was stopped.
        guard seen > skipped else { return }
        guard let text = collector.value(0), let time = Timestamp(iso8601: text) else {
            report(LogFault(path: record.path, offset: record.offset, reason: .notCloudTrail))
            return
        }
        if let id = collector.value(1), recent?.isKnown(id, at: pipeline.clock.now) == true { return }
        collector.publish(record.bytes, at: time)
        if collector.wasRepaired {
            var text = String(decoding: record.bytes, as: UTF8.self)
            text.withUTF8 { builder.add(UnsafeRawBufferPointer($0), at: time) }
        } else {
            builder.add(record.bytes, at: time)
        }
        kept += 1
        if builder.messageBytes >= Self.chunkSize { finishChunk() }
        if bytes > Self.largestPart {
            do throws(StoreError) { try store(isDone: false) } catch { failure = error }
        }
    }

    func report(_ fault: LogFault) {
        faultCount += 1
        if firstFault == nil { firstFault = fault }
        if fault.isOfTheFile, broken == nil { broken = fault }
    }

    private func finishChunk() {
        guard !builder.isEmpty else { return }
        bytes += builder.messageBytes
        chunks.append(builder.finish(source.stream, of: source.logGroup, in: source.scope, at: pipeline.clock.now))
    }

    private func store(isDone: Bool) throws(StoreError) {
        finishChunk()
        if let collector { data += collector.finish() }
        let position = Batch.FilePosition(
            records: max(seen, skipped), size: identity.size, modified: identity.modified, isDone: isDone)
        let (chunks, data, file) = (chunks, data, file)
        try pipeline.perform { state, now in
            state.ensureLogGroup(self.source.logGroup, in: self.source.scope, at: now)
            state.take(chunks, data, of: file, upTo: position)
        }
        (self.chunks, self.data) = ([], [])
        bytes = 0
        recent?.keep()
    }
}

extension LogFault {
    /// Whether the file itself could not be read to its end: it may be whole later.
    fileprivate var isOfTheFile: Bool {
        switch reason {
        case .cannotOpen, .cannotRead, .damagedGzip, .truncated: true
        default: false
        }
    }

    /// Whether there was nothing to read at all.
    fileprivate var isOfThePath: Bool {
        switch reason {
        case .cannotOpen, .cannotRead: true
        default: false
        }
    }
}
