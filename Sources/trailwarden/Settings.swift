import Foundation

/// The options of a command that also come from the environment and from a file: `--smtp-url` as
/// `TRAILWARDEN_SMTP_URL`, and as `smtp-url` in the JSON object of `--config`.
struct Settings {
    private let invocation: Invocation
    private var file: [String: [String]] = [:]
    private var objects: [String: [[String: Any]]] = [:]

    init(_ invocation: Invocation, of command: Command) throws(UsageError) {
        self.invocation = invocation
        guard let path = value("--config") else { return }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("cannot read the configuration \(path)")
        }
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: data)
        } catch {
            throw UsageError("\(path) is not JSON: \((error as NSError).userInfo["NSDebugDescription"] ?? error)")
        }
        guard let members = object as? [String: Any] else { throw UsageError("\(path) holds no JSON object") }
        var faults: [String] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let option = command.options.first(where: { $0.name == "--" + name && name != "config" }) else {
                faults.append("`\(name)` is no option of `\(command.name)`")
                continue
            }
            switch value {
            case let list as [[String: Any]] where option.takesObjects: objects[option.name] = list
            case let object as [String: Any] where option.takesObjects: objects[option.name] = [object]
            case let text as String where option.value != nil: file[option.name] = [text]
            case let texts as [String] where option.isRepeatable: file[option.name] = texts
            case let number as NSNumber where option.value != nil && !number.isBoolean:
                file[option.name] = [number.stringValue]
            case let flag as NSNumber where option.value == nil && flag.isBoolean:
                file[option.name] = [flag.boolValue ? "1" : "0"]
            default: faults.append("`\(name)` must be \(option.value == nil ? "true or false" : "a text")")
            }
        }
        guard faults.isEmpty else { throw UsageError("\(path): \(faults.joined(separator: "; "))") }
    }

    /// The command line comes first, then the environment, then the file.
    func value(_ name: String) -> String? {
        invocation.value(name) ?? ProcessInfo.processInfo.environment[Self.variable(name)] ?? file[name]?.last
    }

    /// All values of an option that may be given several times.
    func values(_ name: String) -> [String] {
        let given = invocation.values(name)
        if !given.isEmpty { return given }
        return ProcessInfo.processInfo.environment[Self.variable(name)].map { [$0] } ?? file[name] ?? []
    }

    /// The objects that the file holds for an option, unless it is given elsewhere too.
    func objects(_ name: String) -> [[String: Any]] { value(name) == nil ? objects[name] ?? [] : [] }

    /// Whether a switch is on.
    func has(_ name: String) -> Bool { invocation.has(name) || value(name) == "1" }

    private static func variable(_ option: String) -> String {
        "TRAILWARDEN_" + option.dropFirst(2).uppercased().replacingOccurrences(of: "-", with: "_")
    }
}

extension NSNumber {
    /// Whether JSON had it as true or false: to Foundation a boolean is a number, and 1 can be cast to one.
    var isBoolean: Bool { String(cString: objCType) == "c" }
}
