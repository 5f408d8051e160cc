internal import AWSCore
internal import CloudTrail
internal import Foundation
public import Pipeline
internal import Store
internal import Synchronization

/// Takes the files of a directory as they appear, each exactly once across restarts.
public final class DirectorySource: EventSource {
    public let source: LogSource
    private let directory: String
    private let pipeline: Pipeline
    private let status: Mutex<SourceStatus>
    private let thread = SourceThread()
    private let waker = Mutex<(@Sendable () -> Void)?>(nil)
    private let log: @Sendable (_ words: String, _ isGrave: Bool) -> Void

    /// - Parameter log: takes a line about what could not be taken, or what has been.
    public init(
        _ source: LogSource, _ pipeline: Pipeline, log: @escaping @Sendable (_ words: String, _ isGrave: Bool) -> Void
    ) {
        self.source = source
        if case .directory(let path) = source.place { directory = path } else { directory = source.name }
        self.pipeline = pipeline
        self.log = log
        status = Mutex(SourceStatus(name: source.name))
    }

    /// How it is getting on.
    public var present: SourceStatus { status.withLock { $0 } }

    public func start() { thread.start { [self] in run() } }
    public func stop() { thread.stop { waker.withLock { $0?() } } }

    private var isStopping: Bool { thread.isStopping }

    /// A file that could not be read, to be tried again.
    private struct SetAside {
        var due: Timestamp
        var attempts: Int
    }

    /// After so many attempts a damaged file is taken as far as it goes.
    private static let attempts = 5
    /// A directory that cannot be watched is looked at so often, in milliseconds.
    private static let rescan: Int32 = 30_000

    private func run() {
        ensureLogGroup(pipeline, log: log)
        let taker = FileTaker(source, pipeline)
        var aside: [String: SetAside] = [:]
        var isWatched = true
        let watch: DirectoryWatch
        do throws(DirectoryWatch.WatchError) {
            watch = try DirectoryWatch()
        } catch {
            return log("\(source.name): cannot be watched: \(error.description)", true)
        }
        let box = WatchBox(watch: watch)
        waker.withLock { $0 = { box.watch.wake() } }
        defer { waker.withLock { $0 = nil } }
        var waiting = scan(directory, watch, &isWatched)
        var lastScan = pipeline.clock.now
        while !isStopping {
            status.withLock { $0.waiting = waiting.count }
            for (place, path) in waiting.enumerated() where !isStopping {
                take(path, taker, &aside)
                status.withLock { $0.waiting = waiting.count - place - 1 }
            }
            if isStopping { return }
            status.withLock { $0.hasCaughtUp = true }
            let now = pipeline.clock.now
            let due = aside.values.map(\.due).min()
            let rest = due.map { Int32(clamping: max(0, $0.milliseconds - now.milliseconds)) } ?? Self.rescan
            waiting = []
            if !isWatched, lastScan.advanced(bySeconds: Int64(Self.rescan / 1000)) < now {
                // Some of it is not watched.
                isWatched = true
                lastScan = now
                waiting = scan(directory, watch, &isWatched)
            } else if let changes = watch.changes(within: min(rest, Self.rescan)) {
                for change in changes {
                    waiting += change.isDirectory ? scan(change.path, watch, &isWatched) : [change.path]
                }
            } else {
                lastScan = now
                waiting = scan(directory, watch, &isWatched)
            }
            let present = pipeline.clock.now
            waiting += aside.filter { $0.value.due <= present }.keys.sorted()
            var seen: Set<String> = []
            waiting = waiting.filter { isLog($0) && seen.insert($0).inserted }
        }
    }

    /// Whether a path below the root is that of a log, and not of a tool that is about to give it its name.
    private func isLog(_ path: String) -> Bool {
        let below = path.dropFirst(directory.count).split(separator: "/")
        let isHidden = below.contains { $0.hasPrefix(".") }
        let unfinished = [".tmp", ".part", ".partial", ".swp", "~", ".filepart", ".crdownload"]
        return !isHidden && !unfinished.contains { path.hasSuffix($0) }
    }

    /// The files below a directory, which is watched from now on with all below it. What appears meanwhile is seen twice
    /// and taken once.
    private func scan(_ root: String, _ watch: DirectoryWatch, _ isWatched: inout Bool) -> [String] {
        func add(_ path: String) {
            do throws(DirectoryWatch.WatchError) {
                try watch.add(path)
            } catch {
                isWatched = false
                log("\(path): cannot be watched: \(error.description); it is looked at now and then", true)
            }
        }
        add(root)
        let manager = FileManager.default
        if let walker = manager.enumerator(atPath: root) {
            while let name = walker.nextObject() as? String {
                var isFolder: ObjCBool = false
                let path = root + "/" + name
                if manager.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { add(path) }
            }
        }
        return logFiles(at: [root]) { fault in log("\(fault)", true) }.map(\.path).filter(isLog)
    }

    private func take(_ path: String, _ taker: FileTaker, _ aside: inout [String: SetAside]) {
        // One file may be seen by several paths, if there are links.
        let path =
            realpath(path, nil).map { real in
                defer { free(real) }
                return String(cString: real)
            } ?? path
        guard let state = FileTaker.FileState(path) else {
            aside[path] = nil
            status.withLock { $0.aside[path] = nil }
            return
        }
        let attempts = (aside[path]?.attempts ?? 0) + 1
        let start = pipeline.clock.now
        do throws(StoreError) {
            switch try taker.take(path, state, isFinal: attempts >= Self.attempts) {
            case .known: aside[path] = nil
            case .taken(let records, let bytes, let fault, let faults):
                aside[path] = nil
                if let fault { log("\(fault)\(faults > 1 ? "; and \(faults - 1) more in this file" : "")", true) }
                status.withLock { status in
                    status.aside[path] = nil
                    status.files += 1
                    status.faults += faults
                    status.records += records
                    status.bytes += bytes
                    status.newestTaken = max(status.newestTaken ?? .min, state.modified)
                    status.busyMilliseconds += pipeline.clock.now.milliseconds - start.milliseconds
                }
            case .unreadable(let fault, let isGivenUp):
                if isGivenUp {
                    aside[path] = nil
                    log("\(fault); it is not tried again before it changes", true)
                } else {
                    // Twice as long each time: a file that is being written is whole soon.
                    let delay = Int64(500 << min(attempts, 9))
                    aside[path] = SetAside(
                        due: Timestamp(milliseconds: pipeline.clock.now.milliseconds + delay), attempts: attempts)
                    if attempts == 1 { log("\(fault); it is set aside and tried again", false) }
                }
                status.withLock { $0.aside[path] = "\(fault)" }
            }
        } catch {
            log("\(path): could not be stored: \(error.description)", true)
            aside[path] = SetAside(
                due: Timestamp(milliseconds: pipeline.clock.now.milliseconds + 5000), attempts: attempts - 1)
        }
        status.withLock { $0.newestSeen = max($0.newestSeen ?? .min, state.modified) }
    }
}

/// Lets the wake-up of a watch be called from another thread; it is the one thing of it that may.
private struct WatchBox: @unchecked Sendable {
    let watch: DirectoryWatch
}

extension FileTaker.FileState {
    /// Nil when there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }
}

/// How a source is getting on, since the server was started.
public struct SourceStatus: Sendable {
    public let name: String
    public internal(set) var files = 0
    public internal(set) var records = 0
    /// After decompression.
    public internal(set) var bytes = 0
    /// Records, or parts of files, that could not be taken.
    public internal(set) var faults = 0
    /// Files that are known and not taken yet.
    public internal(set) var waiting = 0
    /// Whether all that was there at the start has been taken.
    public internal(set) var hasCaughtUp = false
    /// Files that could not be read, and why.
    public internal(set) var aside: [String: String] = [:]
    /// When the newest file was written that was seen, and that was taken, in milliseconds since 1970.
    public internal(set) var newestSeen: Int64?
    public internal(set) var newestTaken: Int64?
    public internal(set) var busyMilliseconds: Int64 = 0
    /// How often those were tried that are set aside.
    var attempts: [String: Int] = [:]

    /// How far behind the newest file it is, in seconds.
    public var lag: Double {
        guard let newestSeen else { return 0 }
        return Double(max(0, newestSeen - (newestTaken ?? newestSeen))) / 1000
    }
}
