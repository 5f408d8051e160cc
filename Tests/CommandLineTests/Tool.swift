import Foundation
import TestSupport

/// The built binary, run as a user runs it.
enum Tool {
    struct Output {
        var status: Int32
        var out: String
        var err: String
    }

    /// Beside the test bundle, where the build puts it.
    private static let binary: URL = {
        if let path = ProcessInfo.processInfo.environment["TRAILWARDEN_BINARY"] { return URL(filePath: path) }
        let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let beside = bundle.appending(path: "trailwarden")
        if FileManager.default.fileExists(atPath: beside.path()) { return beside }
        return SharedData.project.appending(path: ".build/debug/trailwarden")
    }()

    static func run(_ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]) throws -> Output
    {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (out, standardInput) = (Pipe(), Pipe())
        // Errors go to a file, so that neither output can fill up and stop the process.
        let errors = FileManager.default.temporaryDirectory.appending(path: "trailwarden-\(UUID().uuidString).err")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardOutput = out
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = input == nil ? FileHandle.nullDevice : standardInput
        try process.run()
        if let input {
            try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
            try standardInput.fileHandleForWriting.close()
        }
        let text = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus, out: String(decoding: text, as: UTF8.self),
            err: try String(contentsOf: errors, encoding: .utf8))
    }

    static func json(_ arguments: [String]) throws -> (status: Int32, value: [String: Any]) {
        let output = try run(arguments)
        let value = try JSONSerialization.jsonObject(with: Data(output.out.utf8))
        return (output.status, value as? [String: Any] ?? [:])
    }
}
