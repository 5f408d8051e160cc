internal import Glibc

/// Tells which directories below a root have changed (inotify).
final class DirectoryWatch {
    private let descriptor: Int32
    /// A pipe: what is written to the second end ends a wait.
    private var wakeup: [Int32] = [-1, -1]
    private var paths: [Int32: String] = [:]
    /// The directory that was watched first.
    private var root: String?

    /// - Throws: the words of the system.
    init() throws(WatchError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0, pipe(&wakeup) == 0 else {
            throw WatchError(description: String(cString: strerror(errno)))
        }
        wakeup.forEach(Self.prepare)
    }

    private static func prepare(_ end: Int32) {
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }

    struct WatchError: Error { var description: String }

    deinit {
        close(descriptor)
        for end in wakeup { close(end) }
    }

    /// Watches one directory, not those below it. Watching it again changes nothing.
    func add(_ path: String) throws(WatchError) {
        let mask = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_CREATE) | UInt32(IN_ONLYDIR)
        let number = inotify_add_watch(descriptor, path, mask)
        guard number >= 0 else { throw WatchError(description: String(cString: strerror(errno))) }
        paths[number] = path
        root = root ?? path
    }

    /// Ends a wait, from any thread.
    func wake() {
        var byte: UInt8 = 0
        _ = write(wakeup[1], &byte, 1)
    }

    /// What has happened in watched directories.
    struct Change: Hashable {
        var path: String
        /// Whether it is a directory that has appeared, rather than a file that has been written.
        var isDirectory: Bool
    }

    /// Waits for changes, or so many milliseconds. Nil when changes were lost, and everything must be looked at.
    func changes(within milliseconds: Int32) -> [Change]? {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup[0], events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, milliseconds)
        var bytes: UInt64 = 0
        _ = read(wakeup[0], &bytes, 8)
        var found: [Change] = []
        var hasLost = false
        withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var place = 0
                while place + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                    let nameStart = place + MemoryLayout<inotify_event>.size
                    let name = buffer[nameStart..<nameStart + Int(event.len)].prefix { $0 != 0 }
                    place = nameStart + Int(event.len)
                    if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { hasLost = true }
                    // The directory is gone; another of its name may come.
                    if event.mask & UInt32(IN_IGNORED) != 0, paths.removeValue(forKey: event.wd) == root {
                        hasLost = true
                    }
                    guard let folder = paths[event.wd], !name.isEmpty else { continue }
                    let isDirectory = event.mask & UInt32(IN_ISDIR) != 0
                    // A file that has only been made is not written yet.
                    if !isDirectory, event.mask & UInt32(IN_CREATE) != 0 { continue }
                    found.append(
                        Change(path: folder + "/" + String(decoding: name, as: UTF8.self), isDirectory: isDirectory))
                }
            }
        }
        return hasLost ? nil : found
    }
}
