public import AWSCore

/// Where events come from by themselves, and where they go.
public struct LogSource: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// In any layout that CloudTrail files lie in.
        case directory(String)
        /// A bucket that CloudTrail delivers to; the prefix is what stands before `AWSLogs/`, with its slash.
        case bucket(String, prefix: String)
        /// A queue that a bucket tells of new files, by its address.
        case queue(String)
        /// Events that are sent to the server.
        case sender
    }

    public var place: Place
    public var scope: Scope
    public var logGroup: String
    /// Whether a second delivery of an event, by its `eventID`, is dropped. CloudWatch Logs counts both.
    public var deduplicates = false
    /// A second delivery within so many seconds of the first is told by its `eventID`.
    public var deduplicationWindow = 86_400
    /// Of a bucket: the first day whose files are taken, as in `2026-11-20`; yesterday if nil.
    public var since: String?
    /// Of a bucket: so often it is listed, in seconds.
    public var pollInterval = 60
    /// The profile of the shared files, and the address, for calls of S3 and SQS.
    public var profile: String?
    public var endpoint: String?

    /// By this its positions are kept: of objects the same, whether a bucket is listed or a queue tells of them.
    var positions: String {
        switch place {
        case .bucket, .queue: "s3"
        case .directory, .sender: name
        }
    }

    public var name: String {
        switch place {
        case .directory(let path): path
        case .bucket(let name, let prefix): "s3://\(name)/\(prefix)"
        case .queue(let url): url
        case .sender: "push:"
        }
    }

    /// The stream of the log group, named as CloudTrail names those that it makes.
    public var stream: String { "\(scope.account)_CloudTrail_\(scope.region)" }

    public struct FormatError: Error, CustomStringConvertible, Sendable {
        public var description: String

        public init(description: String) { self.description = description }
    }

    /// Events that are sent.
    public init(sentTo logGroup: String, in scope: Scope) {
        place = .sender
        self.scope = scope
        self.logGroup = logGroup
    }

    /// Reads `PLACE[,log-group=NAME][,account=ID][,region=NAME][,deduplicate=yes][,deduplicate-window=SECONDS]`; the place
    /// is a path, `s3://BUCKET[/PREFIX]` or `sqs:URL`, which also take `profile=`, `endpoint-url=`, and a bucket `since=`
    /// and `poll=`.
    ///
    /// - Parameter scope: what is meant where nothing is said.
    public init(_ text: String, in scope: Scope, logGroup: String) throws(FormatError) {
        var parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let place = parts.removeFirst()
        var settings: [(name: String, value: String)] = []
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else {
                throw FormatError(description: "`\(part)` is no setting of a source: write name=value")
            }
            settings.append((String(part[..<equals]), String(part[part.index(after: equals)...])))
        }
        try self.init(place, settings, in: scope, logGroup: logGroup)
    }

    /// The same with the place and its settings apart.
    public init(
        _ place: String, _ settings: [(name: String, value: String)], in scope: Scope, logGroup: String
    ) throws(FormatError) {
        self.place = try Place(place)
        self.scope = scope
        self.logGroup = logGroup
        for (name, value) in settings { try set(name, to: value) }
    }

    private mutating func set(_ name: String, to value: String) throws(FormatError) {
        let isRemote: Bool
        switch place {
        case .bucket, .queue: isRemote = true
        case .directory, .sender: isRemote = false
        }
        switch name {
        case "log-group": logGroup = value
        case "account":
            guard value.utf8.count == 12, Int(value) != nil else {
                throw FormatError(description: "an account has twelve digits, not `\(value)`")
            }
            scope.account = value
        case "region": scope.region = value
        case "deduplicate":
            guard value == "yes" || value == "no" else {
                throw FormatError(description: "deduplicate is yes or no, not `\(value)`")
            }
            deduplicates = value == "yes"
        case "deduplicate-window":
            guard let seconds = Int(value), (60...2_592_000).contains(seconds) else {
                throw FormatError(description: "deduplicate-window is 60 to 2592000 seconds, not `\(value)`")
            }
            deduplicationWindow = seconds
        case "profile" where isRemote: profile = value
        case "endpoint-url" where isRemote: endpoint = value
        case "since":
            guard case .bucket = place else { throw FormatError(description: "since is for a bucket") }
            guard Timestamp(value) != nil, value.utf8.count == 10 else {
                throw FormatError(description: "since is a day, as in 2026-11-20, not `\(value)`")
            }
            since = value
        case "poll":
            guard case .bucket = place else { throw FormatError(description: "poll is for a bucket") }
            guard let seconds = Int(value), (1...86_400).contains(seconds) else {
                throw FormatError(description: "poll is a number of seconds, not `\(value)`")
            }
            pollInterval = seconds
        default:
            throw FormatError(
                description:
                    "a source has no setting `\(name)`: these are log-group, account, region, deduplicate, "
                    + "deduplicate-window, and of buckets and queues profile, endpoint-url, since, poll")
        }
    }
}

extension LogSource.Place {
    /// Reads a path, `s3://BUCKET[/PREFIX]` or `sqs:URL`.
    public init(_ text: String) throws(LogSource.FormatError) {
        if text.hasPrefix("s3://") {
            let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let bucket = parts.first, !bucket.isEmpty else {
                throw LogSource.FormatError(description: "`\(text)` names no bucket: write s3://BUCKET/PREFIX")
            }
            var prefix = parts.count > 1 ? String(parts[1]) : ""
            // Where the delivery folders begin is known.
            if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
            if let folders = prefix.firstRange(of: "AWSLogs/") { prefix = String(prefix[..<folders.lowerBound]) }
            self = .bucket(String(bucket), prefix: prefix)
            return
        }
        if text.hasPrefix("sqs:") {
            let url = String(text.dropFirst(4))
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw LogSource.FormatError(description: "`\(text)` names no queue: write sqs:https://…")
            }
            self = .queue(url)
            return
        }
        var path = text
        if path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw LogSource.FormatError(description: "`\(text)` names no directory") }
        if path.contains("://") {
            throw LogSource.FormatError(
                description: "`\(path)` is no source: it is a directory, s3://BUCKET/PREFIX, or sqs:URL")
        }
        self = .directory(path)
    }
}
