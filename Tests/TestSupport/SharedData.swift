public import Foundation

/// Data that stands beside a checkout of the project and is no part of it. Tests that use it say so when it is missing.
public enum SharedData {
    /// The root of the project.
    public static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let root = project.deletingLastPathComponent().appending(path: "shared")

    /// The file or folder at `path`, or nil, after a word about it, when it is not there.
    public static func url(_ path: String) -> URL? {
        let url = root.appending(path: path)
        if FileManager.default.fileExists(atPath: url.path()) { return url }
        print("skipped: \(path) is not beside this checkout")
        return nil
    }

    /// The lines of a file.
    public static func lines(_ url: URL) throws -> [String] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
