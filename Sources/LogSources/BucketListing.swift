internal import AWSClient
internal import AWSCore
internal import WireValues

/// Finds the files of a trail in a bucket by the folders that CloudTrail makes: `AWSLogs/ACCOUNT/CloudTrail/REGION/Y/M/D/`
/// (CloudTrail User Guide, "Finding your CloudTrail log files"). A poll lists the present day of each account and region,
/// and in its first hours the day before, and never walks through years.
///
/// For one thread.
final class BucketListing {
    private let client: AWSClient
    private let region: String
    private let bucket: String
    private let prefix: String
    private var since: String?
    /// `AWSLogs/…/CloudTrail/REGION/` of each account and region, and when they were looked for.
    private var folders: [String] = []
    private var looked: Timestamp?

    /// Accounts and regions are looked for so often, in milliseconds.
    private static let lookInterval: Int64 = 3_600_000

    init(_ client: AWSClient, region: String, bucket: String, prefix: String, since: String?) {
        self.client = client
        self.region = region
        self.bucket = bucket
        self.prefix = prefix
        self.since = since
    }

    /// The objects of the days that are due, in the order of their keys.
    func objects(at now: Timestamp) throws(AWSClient.Failure) -> [ObjectTaker.Object] {
        if folders.isEmpty || looked.map({ now.milliseconds - $0.milliseconds > Self.lookInterval }) ?? true {
            try look()
            looked = now
        }
        var found: [ObjectTaker.Object] = []
        for folder in folders {
            if let since {
                // All from that day on, by as few calls as there are thousands of files.
                found += try list(folder, after: folder + Self.folder(since)).objects
            } else {
                for day in days(at: now) { found += try list(folder + Self.folder(day)).objects }
            }
        }
        // The days that were asked for have been seen; from now on the present one.
        since = nil
        return found
    }

    /// `2026/11/20/`
    private static func folder(_ day: String) -> String { day.split(separator: "-").joined(separator: "/") + "/" }

    /// A file is delivered up to some hours after its first event.
    private func days(at now: Timestamp) -> [String] {
        let isEarly = CivilTime(now).hour < 6 || looked == now
        return (isEarly ? [now.advanced(bySeconds: -86_400).date] : []) + [now.date]
    }

    /// Finds accounts, of an organization too, and their regions.
    private func look() throws(AWSClient.Failure) {
        var found: [String] = []
        for account in try accounts(prefix + "AWSLogs/") {
            found += try list(account + "CloudTrail/", isFolders: true).folders
        }
        folders = found
    }

    /// Folders named by twelve digits, here or one below: those of an organization lie in one of its own.
    private func accounts(_ root: String, depth: Int = 0) throws(AWSClient.Failure) -> [String] {
        var found: [String] = []
        for folder in try list(root, isFolders: true).folders {
            let name = folder.dropLast().split(separator: "/").last.map(String.init) ?? ""
            if name.utf8.count == 12, Int(name) != nil {
                found.append(folder)
            } else if depth == 0, name.hasPrefix("o-") {
                found += try accounts(folder, depth: 1)
            }
        }
        return found
    }

    private func list(
        _ prefix: String, isFolders: Bool = false, after start: String? = nil
    ) throws(AWSClient.Failure) -> (objects: [ObjectTaker.Object], folders: [String]) {
        var objects: [ObjectTaker.Object] = []
        var folders: [String] = []
        var token: String?
        repeat {
            var input = [WireMember("Bucket", .string(bucket)), WireMember("Prefix", .string(prefix))]
            if let start { input.append(WireMember("StartAfter", .string(start))) }
            if isFolders { input.append(WireMember("Delimiter", "/")) }
            if let token { input.append(WireMember("ContinuationToken", .string(token))) }
            let page = try client.call("s3", "ListObjectsV2", .structure(input), region: region)
            for member in page.members {
                if member.name == "Contents", let key = member.value.text("Key") {
                    objects.append(
                        ObjectTaker.Object(
                            bucket: bucket, key: key, size: Int64(member.value.text("Size") ?? "") ?? 0,
                            modified: member.value.text("LastModified").flatMap { Timestamp($0) }?.milliseconds ?? 0))
                } else if member.name == "CommonPrefixes", let folder = member.value.text("Prefix") {
                    folders.append(folder)
                }
            }
            let next = page.text("NextContinuationToken")
            token = page.text("IsTruncated") == "true" && next != token ? next : nil
        } while token != nil
        return (objects, folders)
    }
}
