#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lines of a file, one by one, without their ends; the file may be larger than the memory.
final class LineReader {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var place = 0
    private var isAtEnd = false

    /// Opens a file, or standard input for `-`.
    init(_ path: String) throws(UsageError) {
        self.path = path
        descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw UsageError("`\(path)` cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if path != "-", descriptor >= 0 { close(descriptor) } }

    /// The next line; nil after the last.
    func next() throws(UsageError) -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[place...].firstIndex(of: 0x0A) {
                defer { place = end + 1 }
                let last = end > place && buffer[end - 1] == 0x0D ? end - 1 : end
                return buffer[place..<last]
            }
            if isAtEnd {
                guard place < buffer.count else { return nil }
                defer { place = buffer.count }
                return buffer[place...]
            }
            try fill()
        }
    }

    private func fill() throws(UsageError) {
        buffer.removeFirst(place)
        place = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR { return }
            throw UsageError("`\(path)` cannot be read: \(String(cString: strerror(errno)))")
        }
        if count == 0 { isAtEnd = true } else { buffer += chunk[..<count] }
    }
}
