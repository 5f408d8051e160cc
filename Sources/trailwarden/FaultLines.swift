import CloudTrail
import Synchronization

/// Says on standard error what could not be read: one line each, the first few of a file.
final class FaultLines: Sendable {
    private static let linesPerFile = 3
    private let counts = Mutex<[String: Int]>([:])

    func add(_ fault: LogFault, bar: ProgressBar? = nil) {
        let number = counts.withLock {
            $0[fault.path, default: 0] += 1
            return $0[fault.path] ?? 0
        }
        guard number <= Self.linesPerFile else { return }
        let line = "trailwarden: \(fault)"
        if let bar { bar.interrupt(line) } else { Terminal.complain(line) }
    }

    var isEmpty: Bool { counts.withLock(\.isEmpty) }

    /// Says of how many more nothing was said.
    func finish() {
        for (path, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) where count > Self.linesPerFile {
            Terminal.complain("trailwarden: \(path): \(count - Self.linesPerFile) more of this kind")
        }
    }
}
