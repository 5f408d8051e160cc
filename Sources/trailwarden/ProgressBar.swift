import CloudTrail
import Dispatch
import Scan
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A line on a terminal's standard error that says how far a scan is, at what rate, and how long it will take.
final class ProgressBar: Sendable {
    private let progress: Scan.Progress
    private let totalBytes: Int
    private let totalFiles: Int
    private let start = DispatchTime.now().uptimeNanoseconds
    private let isRunning = Mutex(true)
    private let ended = DispatchSemaphore(value: 0)

    /// Nil where nobody would see it.
    init?(_ progress: Scan.Progress, files: [FoundFile]) {
        guard Terminal.errorIsTerminal else { return nil }
        self.progress = progress
        totalFiles = files.count
        totalBytes = files.reduce(0) { sum, file in
            var status = stat()
            return stat(file.path, &status) == 0 ? sum + Int(status.st_size) : sum
        }
        DispatchQueue(label: "progress").async { [self] in
            // The first line comes after a moment, so that a quick scan shows none.
            while ended.wait(timeout: .now() + .milliseconds(150)) == .timedOut { draw() }
        }
    }

    /// Clears the line. Nothing is drawn afterwards.
    func finish() {
        isRunning.withLock { $0 = false }
        ended.signal()
        Terminal.write(2, "\r\u{1B}[K")
    }

    /// Writes a line of another kind above the bar.
    func interrupt(_ line: String) {
        isRunning.withLock { _ in Terminal.write(2, "\r\u{1B}[K\(line)\n") }
    }

    private func draw() {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let share = totalBytes > 0 ? min(1, Double(progress.bytesReadOnDisk) / Double(totalBytes)) : 0
        let rate = Double(progress.bytesRead) / seconds
        let left = share > 0.01 ? (seconds / share - seconds).asDuration + " left" : ""
        let width = 24
        let filled = Int(share * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let line =
            "\(bar) \(Int(share * 100))%  \(progress.filesRead.grouped) of \(totalFiles.grouped) files  "
            + "\(Int(rate).asBytes)/s  \(left)"
        isRunning.withLock { running in
            if running { Terminal.write(2, "\r\u{1B}[K\(line.shortened(to: Terminal.width - 1))") }
        }
    }
}
