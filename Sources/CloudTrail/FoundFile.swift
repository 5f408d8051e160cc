#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that was found below a path.
public struct FoundFile: Sendable {
    /// The folder it lies in; empty for a file that was named itself.
    public let folder: String
    /// Its name there, or the path by which it was named.
    public let name: String
    /// Whether the folder says that it is a regular file, neither a pipe nor a device.
    let isRegular: Bool

    init(folder: String, name: String, isRegular: Bool) {
        self.folder = folder
        self.name = name
        self.isRegular = isRegular
    }

    /// A file by its path, or standard input for `-`.
    init(named path: String) { self.init(folder: "", name: path, isRegular: false) }

    public var path: String {
        if folder.isEmpty { return name }
        return folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}

/// The files below the paths, directories walked to any depth, each directory in the order of its names.
///
/// - Throws: nothing; what cannot be opened is given to `unreadable`.
public func logFiles(at paths: [String], unreadable: (LogFault) -> Void) -> [FoundFile] {
    var files: [FoundFile] = []
    /// The directories on the way to the present one, lest a link lead in circles.
    var open: [FileIdentity] = []
    func visit(_ path: String) {
        guard let directory = opendir(path) else {
            if errno == ENOTDIR {
                files.append(FoundFile(named: path))
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
        let names = EntryNames(directory)
        closedir(directory)
        for (name, isFile) in names.sorted {
            let file = FoundFile(folder: path, name: name, isRegular: isFile)
            if isFile {
                files.append(file)
                continue
            }
            // A directory, or a link to one or to a file; pipes and devices hold no logs.
            let full = file.path
            guard let target = FileIdentity(full) else { continue }
            if target.isDirectory { visit(full) } else if target.isFile { files.append(file) }
        }
    }
    for path in paths {
        if path == "-" { files.append(FoundFile(named: path)) } else { visit(path) }
    }
    return files
}

/// The names in a folder, to be sorted as bytes: of tens of thousands, comparing strings takes longer than reading them.
private struct EntryNames {
    private var bytes: [UInt8] = []
    private var entries: [(start: Int, length: Int, isFile: Bool)] = []

    #if canImport(Darwin)
        typealias Directory = UnsafeMutablePointer<DIR>
    #else
        typealias Directory = OpaquePointer
    #endif

    /// Reads a folder. Names with a dot before them are left out: they are those of tools, not of CloudTrail.
    init(_ directory: Directory) {
        while let entry = readdir(directory) {
            withUnsafePointer(to: &entry.pointee.d_name) { first in
                // Some file systems have names that are longer than the field is declared.
                let name = UnsafeRawPointer(first).assumingMemoryBound(to: UInt8.self)
                let length = strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
                guard name[0] != UInt8(ascii: ".") else { return }
                entries.append((bytes.count, length, Int32(entry.pointee.d_type) == Int32(DT_REG)))
                bytes += UnsafeBufferPointer(start: name, count: length)
            }
        }
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            entries.sort { one, other in
                let order = memcmp(base + one.start, base + other.start, min(one.length, other.length))
                return order != 0 ? order < 0 : one.length < other.length
            }
        }
    }

    /// In order.
    var sorted: some Sequence<(name: String, isFile: Bool)> {
        entries.lazy.map { entry in
            (String(decoding: bytes[entry.start..<entry.start + entry.length], as: UTF8.self), entry.isFile)
        }
    }
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
