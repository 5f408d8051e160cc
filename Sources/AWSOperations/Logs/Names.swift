internal import AWSCore
internal import AWSWire
internal import FilterPattern
internal import LogGroups
internal import WireValues

extension WireReader {
    private static func consists(_ text: String, of others: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                || others.utf8.contains(byte)
        }
    }

    func logGroupName(_ name: String = "logGroupName") throws(AWSFault) -> String {
        let text = try required(name)
        if text.utf8.count > 512 {
            throw AWSFault.Logs.invalid(
                "Invalid LogGroup or LogStream, both must have length less than or equal to 512.")
        }
        return try required(
            name, .length(1...512), .pattern("[\\.\\-_/#A-Za-z0-9]+", { Self.consists($0, of: ".-_/#") }))
    }

    /// The group named by `logGroupName`, or by `logGroupIdentifier`: a name or an ARN.
    func logGroup(_ call: Call) throws(AWSFault) -> String {
        guard let identifier = try string("logGroupIdentifier") else { return try logGroupName() }
        if has("logGroupName") {
            throw AWSFault(
                "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
        }
        // `:*`, which ends the ARNs of log groups elsewhere, is refused, and the value is not told.
        guard Self.consists(identifier, of: "_#+=/:,.@-") else {
            throw AWSFault.Logs.invalid(
                "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must "
                    + "satisfy regular expression pattern: [\\w#+=/:,.@-]*")
        }
        return Self.groupName(identifier)
    }

    /// The group of an ARN, with or without `:*` at its end; anything else is the name itself.
    static func groupName(_ text: String) -> String {
        guard let arn = ARN(text), arn.service == "logs", arn.resource.hasPrefix("log-group:") else { return text }
        return String(arn.resource.dropFirst("log-group:".count).prefix { $0 != ":" })
    }

    /// What names of streams, filters and metrics may not hold.
    private static let plainName = Constraint.pattern("[^:*]*", { !$0.contains(":") && !$0.contains("*") })

    func logStreamName() throws(AWSFault) -> String { try required("logStreamName", .length(1...512), Self.plainName) }

    /// The begin of names of streams or filters.
    func namePrefix(_ member: String) throws(AWSFault) -> String? {
        try string(member, .length(1...512), Self.plainName)
    }

    /// A part of the names of groups.
    func groupPart(_ member: String) throws(AWSFault) -> String? {
        try string(
            member, .length(1...512), .pattern("[\\.\\-_/#A-Za-z0-9]*", { Self.consists($0, of: ".-_/#") }))
    }

    func filterName() throws(AWSFault) -> String { try required("filterName", .length(1...512), Self.plainName) }

    /// A filter pattern that the language allows, with its text.
    func filterPattern() throws(AWSFault) -> (text: String, pattern: FilterPattern) {
        let text = try required("filterPattern", .length(0...1024))
        do {
            return (text, try FilterPattern(text))
        } catch {
            throw AWSFault.Logs.invalid("Invalid filter pattern: \(error)")
        }
    }

    func milliseconds(_ name: String) throws(AWSFault) -> Timestamp? {
        try integer(name).map { Timestamp(milliseconds: Int64($0)) }
    }
}
