internal import AWSCore
internal import CloudTrail
internal import FilterPattern
internal import JSONText
internal import Synchronization
internal import TrailMatcher

/// One thread of a scan, with tables of its own.
final class ScanWorker: RecordConsumer {
    private let shared: SharedState
    private let context: MatchContext
    /// Behind a pointer, since members of a class are checked for overlapping use at every access.
    private let report: UnsafeMutablePointer<ScanReport>
    private let ledger: LedgerBuffer
    private var output: [UInt8] = []
    private let clock: UnsafeMutablePointer<EventClock>
    private let writesRecords: Bool
    private let hasWindow: Bool
    private var foundForeignRecord = false

    init(_ shared: SharedState) {
        self.shared = shared
        context = MatchContext(shared.matcher)
        report = .allocate(capacity: 1)
        report.initialize(
            to: ScanReport(tallies: Array(repeating: FilterTally(), count: shared.scan.filters.count)))
        clock = .allocate(capacity: 1)
        clock.initialize(to: EventClock())
        ledger = LedgerBuffer(shared.ledger)
        writesRecords = shared.scan.matchingRecords != nil
        hasWindow = shared.scan.since != nil || shared.scan.until != nil
    }

    deinit {
        report.deinitialize(count: 1)
        report.deallocate()
        clock.deallocate()
    }

    func beginFile() {
        foundForeignRecord = false
    }

    func end(_ summary: LogFileReader.Summary) {
        if summary.isDigest { report.pointee.digests += 1 }
        if summary.isLog { report.pointee.files += 1 }
        if summary.isLog || summary.isDigest {
            report.pointee.bytes += summary.bytes
            report.pointee.bytesOnDisk += summary.bytesRead
        }
        if !output.isEmpty { writeOutput() }
    }

    func finish() -> ScanReport {
        ledger.finish()
        return report.pointee
    }

    func report(_ fault: LogFault) {
        report.pointee.faultCount += 1
        if report.pointee.faults.count < ScanReport.faultLimit { report.pointee.faults.append(fault) }
        if let handler = shared.scan.faultHandler { shared.output.withLock { _ in handler(fault) } }
    }

    // MARK: Records

    func consume(_ record: Record) {
        context.match(record.range, of: record.view)
        take(record)
    }

    func consume(recordAt start: Int, in text: RecordText) -> Int {
        let limit = min(text.view.count, start + LogFileReader.maximumRecord)
        let end = context.match(objectAt: start, of: text.view, limit: limit)
        if end > 0 { take(text.record(start..<end)) }
        return end
    }

    /// Counts the record that the context has seen last.
    @inline(__always)
    private func take(_ record: Record) {
        let id = context.capture(EventFields.id).text
        let timeText = context.capture(EventFields.time).text
        if id == nil, timeText == nil, context.capture(EventFields.name).text == nil {
            reportForeign(record)
            return
        }
        report.pointee.records += 1
        if context.wasRepaired { report.pointee.repaired += 1 }
        // Insights events name no call at the top; so only what names none is looked at.
        if context.capture(EventFields.name).text == nil, isInsight() { report.pointee.insights += 1 }
        let fingerprint = id.map(EventLedger.fingerprint)
        if let fingerprint { ledger.add(fingerprint) }
        let time = timeText.flatMap { clock.pointee.read($0) }
        if let time { report.pointee.note(time) }
        if context.matches.count > 0 { count(record, time, fingerprint) }
    }

    private func isInsight() -> Bool {
        context.capture(EventFields.type).text?.elementsEqual("AwsCloudTrailInsight".utf8) == true
    }

    /// Something in an array of records that is none, such as the notification of an S3 bucket. Said once a file.
    private func reportForeign(_ record: Record) {
        guard !foundForeignRecord else { return }
        foundForeignRecord = true
        report(LogFault(path: record.path, offset: record.offset, reason: .notCloudTrail))
    }

    private func count(_ record: Record, _ time: Timestamp?, _ fingerprint: UInt64?) {
        if hasWindow {
            guard let time else { return }
            if let since = shared.scan.since, time < since { return }
            if let until = shared.scan.until, time >= until { return }
        }
        if shared.scan.countsDistinct, let fingerprint {
            guard shared.seen.withLock({ $0.insert(fingerprint).inserted }) else { return }
        }
        let actor = actor()
        let caller = shared.scan.tracksCallers ? caller() : nil
        let address = context.capture(EventFields.address).text
        for match in context.matches {
            let filter = Int(match)
            report.pointee.tallies[filter].matches += 1
            if let time {
                report.pointee.tallies[filter].note(time)
                report.pointee.tallies[filter].minutes[time.minute, default: 0] += 1
            }
            if let actor { report.pointee.tallies[filter].actors.add(actor) }
            if let time, let caller { report.pointee.tallies[filter].add(caller, minute: time.minute) }
            if let address { report.pointee.tallies[filter].addresses.add(address) }
        }
        if writesRecords { write(record) }
    }

    private func actor() -> UnsafeBufferPointer<UInt8>? {
        for field in EventFields.actors {
            if let text = context.capture(field).text, !text.isEmpty { return text }
        }
        return nil
    }

    /// Whom an exception would name: the role of a session, or who else called.
    private func caller() -> FilterTally.Caller? {
        for field in [EventFields.issuer] + Array(EventFields.actors) {
            guard let text = context.capture(field).text, !text.isEmpty else { continue }
            let selector = field == EventFields.issuer ? EventFields.issuerSelector : EventFields.selectors[field]
            return FilterTally.Caller(selector: selector, value: String(decoding: text, as: UTF8.self))
        }
        return nil
    }

    // MARK: Output

    /// A record as it was delivered; line ends between its tokens become blanks, so that it stays one line.
    private func write(_ record: Record) {
        let start = output.count
        output.append(contentsOf: record.bytes)
        for i in start..<output.count where output[i] == 0x0A || output[i] == 0x0D { output[i] = 0x20 }
        output.append(0x0A)
        if output.count > 1 << 16 { writeOutput() }
    }

    private func writeOutput() {
        shared.output.withLock { _ in
            output.withUnsafeBytes { shared.scan.matchingRecords?($0) }
        }
        output.removeAll(keepingCapacity: true)
    }
}
