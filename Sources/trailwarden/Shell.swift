import Foundation

/// Commands of the shell, and questions to the person at the terminal.
enum Shell {
    /// What a command prints; nil when it fails.
    static func output(_ command: String) -> String? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    /// Asks for the code of a second factor; nil when nobody sits at a terminal.
    static func code(_ serial: String) -> String? {
        guard isatty(0) == 1, Terminal.errorIsTerminal else { return nil }
        Terminal.write(2, "Code of \(serial): ")
        return readLine(strippingNewline: true).flatMap { $0.isEmpty ? nil : $0 }
    }
}
