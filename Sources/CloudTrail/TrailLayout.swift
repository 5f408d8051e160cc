/// The folders that CloudTrail makes in a bucket: `AWSLogs/ACCOUNT/…`, and in that of an organization
/// `AWSLogs/ORGANIZATION/ACCOUNT/…` (CloudTrail User Guide, "Finding your CloudTrail log files").
public enum TrailLayout {
    /// The folders of accounts.
    ///
    /// - Parameters:
    ///   - root: what stands before `AWSLogs/`, with its slash.
    ///   - folders: the folders right below one, all with their slashes.
    public static func accounts<Fault: Error>(
        under root: String, _ folders: (String) throws(Fault) -> [String]
    ) throws(Fault) -> [String] {
        var found: [String] = []
        for folder in try folders(root + "AWSLogs/") {
            let name = lastName(folder)
            if isAccount(name) {
                found.append(folder)
            } else if name.hasPrefix("o-") {
                found += try folders(folder).filter { isAccount(lastName($0)) }
            }
        }
        return found
    }

    /// The folder of a day such as `2026-11-21`: `2026/11/21/`.
    public static func folder(ofDay day: String) -> String { day.split(separator: "-").joined(separator: "/") + "/" }

    /// Whether a name is an account's: twelve digits.
    public static func isAccount(_ name: some StringProtocol) -> Bool {
        name.utf8.count == 12 && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The name of a folder that is written with its slash.
    public static func lastName(_ folder: String) -> Substring {
        folder.dropLast().split(separator: "/").last ?? ""
    }
}
