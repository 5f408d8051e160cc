import Controls
import Foundation

/// Exceptions of controls: `[{"control": …, "pattern": …, "reason": …, "expires": …}]`, in a file of their own or in that
/// of the settings.
enum ExceptionFile {
    static func read(_ path: String) throws(UsageError) -> [ControlException] {
        let text = try Files.text(path)
        guard let objects = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] else {
            throw UsageError(
                "`\(path)` is no file of exceptions",
                advice:
                    #"expected [{"control": "root_usage", "pattern": "{ … }", "reason": "…", "expires": "2027-01-31"}]"#
            )
        }
        return try exceptions(objects, in: path)
    }

    static func exceptions(_ objects: [[String: Any]], in path: String) throws(UsageError) -> [ControlException] {
        var exceptions: [ControlException] = []
        for (number, object) in objects.enumerated() {
            let members = ["name", "control", "pattern", "reason", "expires"]
            if let other = object.keys.sorted().first(where: { !members.contains($0) }) {
                throw UsageError("\(path): an exception has no `\(other)`: \(members.joined(separator: ", "))")
            }
            func text(_ name: String) -> String? { object[name] as? String }
            do throws(ControlException.FormatError) {
                exceptions.append(
                    try ControlException(
                        name: text("name"), number: number + 1, control: text("control"), pattern: text("pattern"),
                        reason: text("reason"), expires: text("expires")))
            } catch {
                throw UsageError("\(path): \(error.description)")
            }
        }
        let names = exceptions.map(\.name)
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw UsageError("\(path): there are two exceptions `\(twice)`")
        }
        return exceptions
    }
}
