#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output and error, and what a person's terminal can show.
enum Terminal {
    static let outputIsTerminal = isatty(1) == 1
    static let errorIsTerminal = isatty(2) == 1
    /// Colours are for terminals, and not for those who said no (no-color.org).
    static let hasColor = outputIsTerminal && getenv("NO_COLOR") == nil && !isDumb

    private static let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true

    /// The width of the terminal in characters; 100 where it is not known.
    static let width: Int = {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 { return Int(size.ws_col) }
        return getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? 100
    }()

    static func print(_ text: String) {
        write(1, text + "\n")
    }

    static func complain(_ text: String) {
        write(2, text + "\n")
    }

    /// Writes all bytes. When nobody reads any more, the process ends as it would in any pipe.
    static func write(_ descriptor: Int32, _ text: String) {
        var text = text
        text.withUTF8 { write(descriptor, UnsafeRawBufferPointer($0)) }
    }

    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) {
        var done = 0
        while done < bytes.count {
            let count = systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { exit(ExitStatus.unreadable.rawValue) }
            done += count
        }
    }

    static func bold(_ text: String) -> String { styled("1", text) }
    static func dim(_ text: String) -> String { styled("2", text) }
    static func red(_ text: String) -> String { styled("31", text) }
    static func yellow(_ text: String) -> String { styled("33", text) }
    static func green(_ text: String) -> String { styled("32", text) }

    private static func styled(_ code: String, _ text: String) -> String {
        hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
