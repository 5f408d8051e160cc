public import AWSCore
public import CloudTrail
internal import Dispatch
public import FilterPattern
internal import Metrics
internal import Synchronization
internal import TrailMatcher

/// Log files through filters: which records match, and when.
///
/// Each thread takes file after file and keeps tables of its own, which are joined at the end; nothing is shared while
/// records are read.
public struct Scan: Sendable {
    public var filters: [FilterPattern]
    /// Only records of these times are matched; from the first, included, to the second, excluded.
    public var since: Timestamp?
    public var until: Timestamp?
    /// Whether a record that was delivered twice counts once.
    public var countsDistinct = false
    /// Whether the matches of each caller are kept apart (`FilterTally.callers`).
    public var tracksCallers = false
    public var threadCount = 1
    /// Takes the matching records as they were delivered, each with a newline; called by one thread at a time.
    public var matchingRecords: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    /// Takes faults as they occur; called by one thread at a time.
    public var faultHandler: (@Sendable (LogFault) -> Void)?

    public init(_ filters: [FilterPattern]) {
        self.filters = filters
    }

    /// How far a scan is, to be read while it runs.
    public final class Progress: Sendable {
        let bytesOnDisk = Atomic<Int>(0)
        let bytes = Atomic<Int>(0)
        let files = Atomic<Int>(0)

        public init() {}

        public var bytesReadOnDisk: Int { bytesOnDisk.load(ordering: .relaxed) }
        public var bytesRead: Int { bytes.load(ordering: .relaxed) }
        public var filesRead: Int { files.load(ordering: .relaxed) }
    }

    /// Scans `files`, which `logFiles(at:)` lists.
    public func run(_ files: [FoundFile], progress: Progress = Progress()) -> ScanReport {
        let matcher = TrailMatcher(
            filters, captures: EventFields.selectors + (tracksCallers ? [EventFields.issuerSelector] : []))
        let shared = SharedState(scan: self, matcher: matcher)
        let threads = max(1, min(threadCount, files.count))
        let next = Atomic<Int>(0)
        let partial = Mutex<[ScanReport]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            let worker = ScanWorker(shared)
            let reader = LogFileReader()
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < files.count else { break }
                worker.beginFile()
                let summary = reader.read(files[number], worker)
                worker.end(summary)
                progress.bytesOnDisk.add(summary.bytesRead, ordering: .relaxed)
                progress.bytes.add(summary.bytes, ordering: .relaxed)
                progress.files.add(1, ordering: .relaxed)
            }
            let report = worker.finish()
            partial.withLock { $0.append(report) }
        }
        var report = partial.withLock { $0.dropFirst().reduce(into: $0[0]) { $0.merge($1) } }
        report.duplicates = shared.ledger.countDuplicates()
        for i in report.tallies.indices { report.tallies[i].finish() }
        if !report.faults.isEmpty { report.sortFaults(in: files) }
        return report
    }
}

extension ScanReport {
    /// Brings the faults, which the threads met in any order, into that of the files.
    fileprivate mutating func sortFaults(in files: [FoundFile]) {
        let faulty = Set(faults.map(\.path))
        let order = Dictionary(
            files.enumerated().lazy.map { ($1.path, $0) }.filter { faulty.contains($0.0) }, uniquingKeysWith: min)
        faults.sort {
            let (a, b) = (order[$0.path] ?? 0, order[$1.path] ?? 0)
            return a != b ? a < b : $0.offset < $1.offset
        }
    }

    mutating func merge(_ other: ScanReport) {
        for i in tallies.indices { tallies[i].merge(other.tallies[i]) }
        files += other.files
        digests += other.digests
        records += other.records
        insights += other.insights
        repaired += other.repaired
        bytes += other.bytes
        bytesOnDisk += other.bytesOnDisk
        if let time = other.first { note(time) }
        if let time = other.last { note(time) }
        faults += other.faults.prefix(max(0, Self.faultLimit - faults.count))
        faultCount += other.faultCount
    }

    @inline(__always)
    mutating func note(_ time: Timestamp) {
        if first.map({ time < $0 }) ?? true { first = time }
        if last.map({ time > $0 }) ?? true { last = time }
    }
}

/// What all threads of a scan see.
final class SharedState: Sendable {
    let scan: Scan
    let matcher: TrailMatcher
    let ledger = EventLedger()
    /// The fingerprints of matching events, when each counts once.
    let seen = Mutex<Set<UInt64>>([])
    let output = Mutex(())

    init(scan: Scan, matcher: TrailMatcher) {
        self.scan = scan
        self.matcher = matcher
    }
}

/// The members of an event that a scan reads of every record, or of every match.
enum EventFields {
    static let selectors = [
        Selector("eventTime"), Selector("eventID"), Selector("eventType"), Selector("eventName"),
        Selector("sourceIPAddress"), Selector("userIdentity", "arn"), Selector("userIdentity", "invokedBy"),
        Selector("userIdentity", "userName"), Selector("userIdentity", "principalId"), Selector("userIdentity", "type"),
    ]

    static let time = 0
    static let id = 1
    static let type = 2
    static let name = 3
    static let address = 4
    /// What names the caller, the best first.
    static let actors = 5...9

    /// The role of a session: it stays the same from session to session.
    static let issuerSelector = Selector("userIdentity", "sessionContext", "sessionIssuer", "arn")
    static let issuer = 10
}
