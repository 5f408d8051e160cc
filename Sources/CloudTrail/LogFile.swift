#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

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

/// The files below the paths, directories walked to any depth, each directory in the order of its names.
///
/// - Throws: nothing; what cannot be opened is given to `unreadable`.
public func logFiles(at paths: [String], unreadable: (LogFault) -> Void) -> [String] {
    var files: [String] = []
    /// The directories on the way to the present one, lest a link lead in circles.
    var open: [FileIdentity] = []
    func visit(_ path: String) {
        guard let directory = opendir(path) else {
            if errno == ENOTDIR {
                files.append(path)
            } else {
                unreadable(LogFault(path: path, offset: 0, reason: .cannotOpen(String(cString: strerror(errno)))))
            }
            return
        }
        let identity = FileIdentity(path)
        if let identity, open.contains(identity) {
            closedir(directory)
            return
        }
        open.append(identity ?? FileIdentity(device: 0, number: 0, isDirectory: true, isFile: false))
        defer { open.removeLast() }
        var names: [(name: String, isFile: Bool)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // Names with a dot before them are those of tools, not of CloudTrail.
            guard !name.hasPrefix(".") else { continue }
            names.append((name, Int32(entry.pointee.d_type) == Int32(DT_REG)))
        }
        closedir(directory)
        names.sort { $0.name < $1.name }
        for (name, isFile) in names {
            let full = path.hasSuffix("/") ? path + name : path + "/" + name
            if isFile {
                files.append(full)
                continue
            }
            // A directory, or a link to one or to a file; pipes and devices hold no logs.
            guard let target = FileIdentity(full) else { continue }
            if target.isDirectory { visit(full) } else if target.isFile { files.append(full) }
        }
    }
    for path in paths {
        if path == "-" { files.append(path) } else { visit(path) }
    }
    return files
}

/// What a path leads to, links followed.
private struct FileIdentity: Equatable {
    var device: UInt
    var number: UInt
    var isDirectory: Bool
    var isFile: Bool
}

extension FileIdentity {
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let type = status.st_mode & S_IFMT
        self.init(
            device: UInt(status.st_dev), number: UInt(status.st_ino), isDirectory: type == S_IFDIR,
            isFile: type == S_IFREG)
    }
}
