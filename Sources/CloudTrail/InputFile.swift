#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a file as they lie on disk, read into memory that is used again and again.
///
/// For one thread at a time.
final class InputFile {
    private(set) var path = ""
    /// What was read and not taken yet is `buffer[range]`.
    private(set) var buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var range = 0..<0
    private(set) var isEnded = false
    private(set) var bytesRead = 0
    private var descriptor: Int32 = -1
    private var isRegular = false
    private var wasShort = false
    /// The folder of the file that was found last, open: names below it are looked up faster than paths.
    private var folder = ""
    private var folderDescriptor: Int32 = -1

    private static let size = 256 * 1024
    /// The largest file that is read as a whole.
    private static let largestWhole = size * 16

    init() {
        buffer = .allocate(capacity: Self.size)
    }

    deinit {
        closeFolder()
        buffer.deallocate()
    }

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: `cannotOpen`.
    func open(_ path: String) throws(LogFault) {
        try start(path, path == "-" ? 0 : systemOpen(path), isRegular: false)
    }

    /// Opens a file that was found, whose path is `path`.
    ///
    /// - Throws: `cannotOpen`.
    func open(_ file: FoundFile, _ path: String) throws(LogFault) {
        guard !file.folder.isEmpty else { return try open(path) }
        if !folder.isSameBytes(as: file.folder) {
            closeFolder()
            folder = file.folder
            folderDescriptor = systemOpenFolder(folder)
        }
        var found = folderDescriptor < 0 ? -1 : systemOpen(file.name, in: folderDescriptor)
        if found < 0 {
            // Another folder may have taken its place, or this was one file too many to have open.
            closeFolder()
            found = systemOpen(path)
        }
        try start(path, found, isRegular: file.isRegular)
    }

    private func closeFolder() {
        if folderDescriptor >= 0 { systemClose(folderDescriptor) }
        folderDescriptor = -1
        folder = ""
    }

    private func start(_ path: String, _ descriptor: Int32, isRegular: Bool) throws(LogFault) {
        self.path = path
        self.descriptor = descriptor
        self.isRegular = isRegular
        wasShort = false
        range = 0..<0
        isEnded = false
        bytesRead = 0
        guard descriptor >= 0 else { throw failure { .cannotOpen($0) } }
    }

    func close() {
        if descriptor > 0 { systemClose(descriptor) }
        descriptor = -1
    }

    var unread: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[range]) }

    /// Whether what was read begins as gzip does.
    var isGzip: Bool { range.count > 1 && buffer[range.lowerBound] == 0x1F && buffer[range.lowerBound + 1] == 0x8B }

    func take(_ count: Int) {
        range = range.lowerBound + count..<range.upperBound
    }

    /// Reads what comes next, when all was taken; nothing at the end of the file.
    ///
    /// - Throws: `cannotRead`, its offset 0.
    func read() throws(LogFault) {
        range = 0..<0
        try readMore()
    }

    /// Whether the file has been read to its end, as far as can be told without asking once more: nearly all file systems
    /// read a regular file short at its end only. Who relies on it must see by what was read that it is whole.
    var seemsEnded: Bool { isEnded || isRegular && wasShort }

    /// Reads on to what seems to be the end of the file, or until it is too long to be read as a whole.
    func readWhole() throws(LogFault) {
        while !seemsEnded {
            if range.upperBound == buffer.count {
                guard buffer.count < Self.largestWhole else { return }
                let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 4)
                _ = larger.update(fromContentsOf: buffer)
                buffer.deallocate()
                buffer = larger
            }
            try readMore()
        }
    }

    private func failure(_ reason: (String) -> LogFault.Reason) -> LogFault {
        LogFault(path: path, offset: 0, reason: reason(String(cString: strerror(errno))))
    }

    private func readMore() throws(LogFault) {
        while !isEnded {
            let end = range.upperBound
            let count = systemRead(descriptor, buffer.baseAddress.map { $0 + end }, buffer.count - end)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                defer { close() }
                throw failure { .cannotRead($0) }
            }
            bytesRead += count
            range = range.lowerBound..<end + count
            isEnded = count == 0
            wasShort = count < buffer.count - end
            return
        }
    }
}

// System calls, under names that no method hides.

private func systemOpen(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

private func systemOpen(_ name: String, in folder: Int32) -> Int32 { openat(folder, name, O_RDONLY | O_CLOEXEC) }

private func systemOpenFolder(_ path: String) -> Int32 { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }

private func systemClose(_ descriptor: Int32) { close(descriptor) }

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

extension String {
    /// Whether both are one name to the file system: to strings, letters with accents in one sign or in two are the same.
    fileprivate func isSameBytes(as other: String) -> Bool {
        utf8.withContiguousStorageIfAvailable { ours in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                guard ours.count == theirs.count else { return false }
                guard let a = ours.baseAddress, let b = theirs.baseAddress else { return true }
                return memcmp(a, b, ours.count) == 0
            } ?? false
        } ?? false
    }
}
