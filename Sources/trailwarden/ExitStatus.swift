#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the process ends with; the same for all commands, and listed in their help.
enum ExitStatus: Int32 {
    case success = 0
    /// The command ran, and what it was asked to check does not hold.
    case negative = 1
    /// The command line, a pattern or a file given with an option is wrong.
    case usage = 2
    /// Some input could not be read; the rest was.
    case unreadable = 3

    static let meanings: [(code: String, meaning: String)] = [
        ("0", "done"),
        ("1", "what was checked does not hold: a test failed, or nothing matched"),
        ("2", "wrong command line, illegal pattern, or a file of settings that cannot be read"),
        ("3", "some input could not be read; what was read counts"),
    ]

    static func leave(_ status: ExitStatus) -> Never {
        fflush(nil)
        exit(status.rawValue)
    }
}
