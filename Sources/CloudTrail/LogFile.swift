/// Why a part of the input could not be read. Reading goes on behind it where it can.
public struct LogFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case cannotOpen(String)
        case cannotRead(String)
        case damagedGzip(String)
        /// The data ends in the middle of a record or of the compressed stream.
        case truncated
        case notCloudTrail
        case brokenRecord
        /// The rest of the file was given up.
        case tooManyFaults
        case recordTooLarge(bytes: Int)
    }

    public var path: String
    /// In the uncompressed bytes of the file, from 0.
    public var offset: Int
    public var reason: Reason

    public init(path: String, offset: Int, reason: Reason) {
        self.path = path
        self.offset = offset
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .cannotOpen(let error): "\(path): cannot be opened: \(error)"
        case .cannotRead(let error): "\(path): cannot be read: \(error)"
        default: "\(path): at byte \(offset): \(problem)"
        }
    }

    /// What is wrong, without the place.
    public var problem: String {
        switch reason {
        case .cannotOpen(let error), .cannotRead(let error): error
        case .damagedGzip(let problem): "damaged gzip: \(problem); what stands before was read"
        case .truncated: "the file ends here, in the middle of a record; what stands before was read"
        case .notCloudTrail: "this is no CloudTrail record"
        case .brokenRecord: "broken JSON; reading went on behind it"
        case .tooManyFaults: "so many faults that the rest of the file was left unread"
        case .recordTooLarge(let bytes):
            "a record of \(bytes) bytes was left out: an event has at most \(LogFileReader.maximumRecord)"
        }
    }
}

/// Takes the records of log files, in the order in which they stand there.
public protocol RecordConsumer: AnyObject {
    /// One event record: the bytes `range` of `view`, valid during the call only.
    func consume(_ record: Record)
    /// Takes the record that begins at `start`, if it is whole, and gives its end; -1 to be given it with its end known.
    ///
    /// For consumers that find the end by reading the record anyway.
    func consume(recordAt start: Int, in text: RecordText) -> Int
    func report(_ fault: LogFault)
}

extension RecordConsumer {
    public func consume(recordAt start: Int, in text: RecordText) -> Int { -1 }
}
