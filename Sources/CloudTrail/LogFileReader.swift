internal import JSONText

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reads log files and hands on their records, whatever they are wrapped in.
///
/// Understands delivered files (`{"Records":[…]}`), one object a line, JSON arrays, CloudWatch Logs subscription
/// records and exports, EventBridge envelopes, and the output of the AWS CLI's `lookup-events` and
/// `filter-log-events`; all of them plain or gzip. Keeps a few hundred kilobytes, whatever the size of the file.
///
/// For one thread at a time; made once and used for many files.
public final class LogFileReader {
    /// The largest record, in bytes: CloudWatch Logs takes no larger event (PutLogEvents, since 2025).
    public static let maximumRecord = 1 << 20
    /// The largest object around records that is not read piece by piece.
    static let maximumWrapper = 16 << 20

    /// What was read of one file.
    public struct Summary: Sendable {
        /// Whether the file held CloudTrail data at all.
        public var isLog = false
        public var isDigest = false
        /// In the file, as it lies on disk.
        public var bytesRead = 0
        /// After decompression.
        public var bytes = 0
    }

    let text = IndexedText()
    let message = IndexedText()
    var validator = JSONValidator()
    private let input = InputFile()
    private let inflater = Inflater()
    private let wholeInflater = WholeInflater()

    // The file being read.
    var path = ""
    /// Where the text begins in the uncompressed file.
    var base = 0
    /// Up to where the text has been dealt with.
    @exclusivity(unchecked) var place = 0
    var mode = Mode.top
    var summary = Summary()
    private var isCompressed = false

    /// Sized for the second-level cache: text and index are still there when the matcher looks at them.
    private static let chunkSize = 128 * 1024

    enum Mode: Equatable {
        /// Between objects of the file.
        case top
        /// Between records of an array.
        case records
        /// Behind an array of records, inside the object that held it, with so many brackets open.
        case afterRecords(depth: Int)
        /// Inside a record that is too large, with so many brackets open.
        case skipping(depth: Int, start: Int, inRecords: Bool)
        /// In a line that is of no use.
        case skippingLine
        /// Behind broken JSON, in search of the next record.
        case searching
        /// Nothing more is wanted of the file.
        case done
    }

    /// Whether the input ended in a fault, so that nothing more comes and nothing needs to be said of what is cut off.
    var inputFailed = false
    var faultCount = 0
    /// After so many faults in one file the rest of it is left alone.
    static let maximumFaults = 1000

    /// Whether the array of records being read is a member of an object.
    var recordsHaveObject = false

    public init() {}

    /// Reads what lies in memory, plain or one gzip member of at most 16 MB, as the file `name` would be read.
    public func read(_ bytes: UnsafeRawBufferPointer, named name: String, _ consumer: any RecordConsumer) -> Summary {
        begin(name)
        summary.bytesRead = bytes.count
        if bytes.count > 1, bytes[0] == 0x1F, bytes[1] == 0x8B {
            if let whole = wholeInflater.inflate(bytes.bindMemory(to: UInt8.self)) {
                text.lend(whole)
                splitWhole(consumer)
            } else {
                inputFailed = true
                consumer.report(fault(.damagedGzip("it is broken or too large")))
            }
        } else {
            text.replace(with: bytes)
            summary.bytes = bytes.count
            _ = split(atEnd: true, consumer)
        }
        return summary
    }

    private func begin(_ path: String) {
        self.path = path
        text.clear()
        base = 0
        place = 0
        mode = .top
        summary = Summary()
        inputFailed = false
        faultCount = 0
    }

    /// Reads a file, or standard input for `-`.
    public func read(_ path: String, _ consumer: any RecordConsumer) -> Summary {
        read(FoundFile(named: path), consumer)
    }

    /// Reads a file that `logFiles(at:)` has found. Its folder stays open for the next one.
    public func read(_ file: FoundFile, _ consumer: any RecordConsumer) -> Summary {
        begin(file.path)
        defer { input.close() }
        do throws(LogFault) {
            try input.open(file, path)
            try input.read()
            isCompressed = input.isGzip
            if isCompressed {
                try input.readWhole()
                // The whole text of one member, its length and checksum right, is the proof that nothing is missing.
                if input.seemsEnded, let whole = wholeInflater.inflate(input.unread) {
                    text.lend(whole)
                    splitWhole(consumer)
                } else {
                    inflater.reset()
                    try splitStream(consumer)
                }
            } else {
                try splitStream(consumer)
            }
        } catch {
            // What stands before the fault counts.
            inputFailed = true
            _ = split(atEnd: false, consumer)
            consumer.report(error)
        }
        summary.bytesRead = input.bytesRead
        return summary
    }

    /// Splits a text that has been lent, in pieces that stay in the cache from the index to the matcher.
    private func splitWhole(_ consumer: any RecordConsumer) {
        repeat {
            dropPlace()
            // More when little could be used of what was shown, lest one large object be looked at again and again.
            let piece = max(Self.chunkSize, text.count)
            summary.bytes += text.show(text.hidden < piece * 2 ? text.hidden : piece)
        } while split(atEnd: text.hidden == 0, consumer) && text.hidden > 0
        // A file that was left early has still been inflated.
        summary.bytes += text.hidden
    }

    /// Reads the file that is open piece by piece.
    private func splitStream(_ consumer: any RecordConsumer) throws(LogFault) {
        var more = true
        while more {
            more = try fill()
            if !split(atEnd: !more, consumer) { break }
        }
    }

    // MARK: Bytes

    private func fault(_ reason: LogFault.Reason) -> LogFault {
        LogFault(path: path, offset: base + text.count, reason: reason)
    }

    /// Drops what has been dealt with.
    private func dropPlace() {
        guard place > 0 else { return }
        text.dropFirst(place)
        base += place
        place = 0
    }

    /// Adds a chunk of uncompressed bytes to the text. False at the end of the file.
    private func fill() throws(LogFault) -> Bool {
        dropPlace()
        let before = text.count
        let wanted = max(Self.chunkSize, before)
        while text.count - before < wanted {
            if input.range.isEmpty {
                do throws(LogFault) { try input.read() } catch { throw fault(error.reason) }
            }
            if input.range.isEmpty {
                if isCompressed, !inflater.isComplete, text.count == before { throw fault(.truncated) }
                break
            }
            let room = text.reserve(wanted - (text.count - before))
            if isCompressed { try inflate(to: room) } else { copy(to: room) }
        }
        return text.count > before
    }

    private func commit(_ count: Int, used: Int) {
        input.take(used)
        text.commit(count)
        summary.bytes += count
    }

    private func copy(to room: UnsafeMutableBufferPointer<UInt8>) {
        let piece = input.buffer[input.range].prefix(room.count)
        _ = UnsafeMutableBufferPointer(rebasing: room[..<piece.count]).update(fromContentsOf: piece)
        commit(piece.count, used: piece.count)
    }

    private func inflate(to room: UnsafeMutableBufferPointer<UInt8>) throws(LogFault) {
        let piece = UnsafeMutableBufferPointer(rebasing: input.buffer[input.range])
        let (outcome, used, count) = inflater.inflate(piece, room)
        commit(count, used: used)
        if case .damaged(let problem) = outcome { throw fault(.damagedGzip(problem)) }
    }
}
