public import AWSCore

/// Where events come from by themselves, and where they go.
public struct LogSource: Sendable, Hashable {
    /// A directory, in any layout that CloudTrail files lie in.
    public var directory: String
    public var scope: Scope
    public var logGroup: String
    /// Whether a second delivery of an event, by its `eventID`, is dropped. CloudWatch Logs counts both.
    public var deduplicates = false

    /// By this its positions are kept.
    public var name: String { directory }

    /// The stream of the log group, named as CloudTrail names those that it makes.
    public var stream: String { "\(scope.account)_CloudTrail_\(scope.region)" }

    /// Events that are sent.
    public init(sentTo logGroup: String, in scope: Scope) {
        directory = "sent"
        self.scope = scope
        self.logGroup = logGroup
    }

    public struct FormatError: Error, CustomStringConvertible, Sendable {
        public var description: String
    }

    /// Reads `PATH[,log-group=NAME][,account=ID][,region=NAME][,deduplicate=yes]`.
    ///
    /// - Parameter scope: what is meant where nothing is said.
    public init(_ text: String, in scope: Scope, logGroup: String) throws(FormatError) {
        var parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var path = parts.removeFirst()
        if path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw FormatError(description: "`\(text)` names no directory") }
        if let colon = path.firstIndex(of: ":"), path[colon...].hasPrefix("://") {
            throw FormatError(description: "`\(path)` is no directory: sources of that kind are not there yet")
        }
        directory = path
        self.scope = scope
        self.logGroup = logGroup
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else {
                throw FormatError(description: "`\(part)` is no setting of a source: write name=value")
            }
            let value = String(part[part.index(after: equals)...])
            switch part[..<equals] {
            case "log-group": self.logGroup = value
            case "account":
                guard value.utf8.count == 12, Int(value) != nil else {
                    throw FormatError(description: "an account has twelve digits, not `\(value)`")
                }
                self.scope.account = value
            case "region": self.scope.region = value
            case "deduplicate":
                guard value == "yes" || value == "no" else {
                    throw FormatError(description: "deduplicate is yes or no, not `\(value)`")
                }
                deduplicates = value == "yes"
            case let name:
                throw FormatError(
                    description: "a source has no setting `\(name)`: these are log-group, account, region, deduplicate")
            }
        }
    }
}
