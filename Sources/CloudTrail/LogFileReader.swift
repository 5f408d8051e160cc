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

    let text = IndexedText(capacity: chunkSize + 64 * 1024)
    let message = IndexedText(capacity: 8 * 1024)
    var validator = JSONValidator()
    private let inflater = Inflater()
    private let wholeInflater = WholeInflater()
    private var input: UnsafeMutableBufferPointer<UInt8>
    private var inputRange = 0..<0

    // The file being read.
    var path = ""
    /// Where the text begins in the uncompressed file.
    var base = 0
    /// Up to where the text has been dealt with.
    var place = 0
    var mode = Mode.top
    var summary = Summary()
    private var descriptor: Int32 = -1
    private var isCompressed = false
    private var inputEnded = false

    /// Sized for the second-level cache: text and index are still there when the matcher looks at them.
    private static let chunkSize = 256 * 1024
    private static let inputSize = 256 * 1024
    private static let largestInput = inputSize * 16

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

    public init() {
        input = .allocate(capacity: Self.inputSize)
    }

    deinit { input.deallocate() }

    /// Reads a file, or standard input for `-`.
    public func read(_ path: String, _ consumer: any RecordConsumer) -> Summary {
        self.path = path
        text.clear()
        base = 0
        place = 0
        mode = .top
        summary = Summary()
        inputFailed = false
        faultCount = 0
        inputRange = 0..<0
        inputEnded = false
        isCompressed = false
        descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            consumer.report(LogFault(path: path, offset: 0, reason: .cannotOpen(String(cString: strerror(errno)))))
            return summary
        }
        defer { if path != "-" { close(descriptor) } }
        do throws(LogFault) {
            try readInput()
            if inputRange.count > 1, input[0] == 0x1F, input[1] == 0x8B {
                isCompressed = true
                try readWholeInput()
                if inputEnded, inflateWhole() {
                    splitWhole(consumer)
                    return summary
                }
                inflater.reset()
            }
            var more = true
            while more {
                more = try fill()
                if !split(atEnd: !more, consumer) { break }
            }
        } catch {
            // What stands before the fault counts.
            inputFailed = true
            _ = split(atEnd: false, consumer)
            consumer.report(error)
        }
        return summary
    }

    // MARK: Bytes

    private func fault(_ reason: LogFault.Reason, at offset: Int) -> LogFault {
        LogFault(path: path, offset: offset, reason: reason)
    }

    /// - Parameter written: how many bytes were added to the text already, to be kept when this fails.
    private func readInput(keeping written: Int = 0) throws(LogFault) {
        guard !inputEnded else {
            inputRange = 0..<0
            return
        }
        while true {
            let count = systemRead(descriptor, input.baseAddress, input.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                text.commit(written)
                summary.bytes += written
                throw fault(.cannotRead(String(cString: strerror(errno))), at: base + text.count)
            }
            summary.bytesRead += count
            inputRange = 0..<count
            inputEnded = count == 0
            return
        }
    }

    /// Reads on to the end of the file, or until it is too long to be inflated at once.
    private func readWholeInput() throws(LogFault) {
        while !inputEnded {
            let present = inputRange.count
            if present == input.count {
                guard present < Self.largestInput else { return }
                growInput()
            }
            let count = systemRead(descriptor, input.baseAddress.map { $0 + present }, input.count - present)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(.cannotRead(String(cString: strerror(errno))), at: 0) }
            summary.bytesRead += count
            inputRange = 0..<present + count
            inputEnded = count == 0
        }
    }

    private func growInput() {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: input.count * 4)
        _ = larger.update(fromContentsOf: input)
        input.deallocate()
        input = larger
    }

    /// Inflates the input, which holds the whole file, at once. False when that can't be done.
    private func inflateWhole() -> Bool {
        let file = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(input)[inputRange])
        guard let size = WholeInflater.textSize(file) else { return false }
        let room = text.reserve(size)
        guard wholeInflater.inflate(file, to: UnsafeMutableBufferPointer(rebasing: room[..<size])) else { return false }
        text.commit(hidden: size)
        return true
    }

    /// Splits the text that `inflateWhole` has left, in pieces that stay in the cache from the index to the matcher.
    private func splitWhole(_ consumer: any RecordConsumer) {
        repeat {
            dropPlace()
            summary.bytes += text.show(text.hidden < Self.chunkSize * 2 ? text.hidden : Self.chunkSize)
        } while split(atEnd: text.hidden == 0, consumer) && text.hidden > 0
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
        let room = text.reserve(Self.chunkSize)
        let wanted = min(room.count, max(Self.chunkSize, text.count))
        let target = UnsafeMutableBufferPointer(rebasing: room[..<wanted])
        let count = isCompressed ? try inflate(to: target) : try copy(to: target)
        text.commit(count)
        summary.bytes += count
        return count > 0
    }

    private func copy(to target: UnsafeMutableBufferPointer<UInt8>) throws(LogFault) -> Int {
        var written = 0
        while written < target.count {
            if inputRange.isEmpty { try readInput(keeping: written) }
            let count = min(inputRange.count, target.count - written)
            guard count > 0, let to = target.baseAddress, let from = input.baseAddress else { break }
            (to + written).update(from: from + inputRange.lowerBound, count: count)
            inputRange = inputRange.lowerBound + count..<inputRange.upperBound
            written += count
        }
        return written
    }

    private func inflate(to target: UnsafeMutableBufferPointer<UInt8>) throws(LogFault) -> Int {
        var written = 0
        while written < target.count {
            if inputRange.isEmpty { try readInput(keeping: written) }
            if inputRange.isEmpty {
                if inflater.isComplete { break }
                if written > 0 { break }
                throw fault(.truncated, at: base + text.count)
            }
            let piece = UnsafeMutableBufferPointer(rebasing: input[inputRange])
            let room = UnsafeMutableBufferPointer(rebasing: target[written...])
            let (outcome, used, count) = inflater.inflate(piece, room)
            inputRange = inputRange.lowerBound + used..<inputRange.upperBound
            written += count
            if case .damaged(let problem) = outcome {
                text.commit(written)
                summary.bytes += written
                throw fault(.damagedGzip(problem), at: base + text.count)
            }
        }
        return written
    }
}
