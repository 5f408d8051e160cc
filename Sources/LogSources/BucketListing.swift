internal import AWSClient
internal import AWSCore
internal import CloudTrail

/// Finds the files of a trail in a bucket by the folders that CloudTrail makes: `AWSLogs/ACCOUNT/CloudTrail/REGION/Y/M/D/`
/// (CloudTrail User Guide, "Finding your CloudTrail log files"). A poll lists the present day of each account and region,
/// and in its first hours the day before, and never walks through years.
///
/// For one thread.
final class BucketListing {
    private let bucket: Bucket
    private let prefix: String
    private var since: String?
    /// `AWSLogs/…/CloudTrail/REGION/` of each account and region, and when they were looked for.
    private var folders: [String] = []
    private var looked: Timestamp?

    /// Accounts and regions are looked for so often, in milliseconds.
    private static let lookInterval: Int64 = 3_600_000

    init(_ bucket: Bucket, prefix: String, since: String?) {
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
                found += objects(try bucket.list(folder, after: folder + TrailLayout.folder(ofDay: since)))
            } else {
                for day in days(at: now) { found += objects(try bucket.list(folder + TrailLayout.folder(ofDay: day))) }
            }
        }
        // The days that were asked for have been seen; from now on the present one.
        since = nil
        return found
    }

    private func objects(_ page: (objects: [Bucket.Entry], folders: [String])) -> [ObjectTaker.Object] {
        page.objects.map {
            ObjectTaker.Object(
                bucket: bucket.name, key: $0.key, size: $0.size, modified: $0.modified?.milliseconds ?? 0)
        }
    }

    /// A file is delivered up to some hours after its first event.
    private func days(at now: Timestamp) -> [String] {
        let isEarly = CivilTime(now).hour < 6 || looked == now
        return (isEarly ? [now.advanced(bySeconds: -86_400).date] : []) + [now.date]
    }

    /// Finds accounts, of an organization too, and their regions.
    private func look() throws(AWSClient.Failure) {
        var found: [String] = []
        let accounts = try TrailLayout.accounts(under: prefix) { root throws(AWSClient.Failure) in
            try bucket.list(root, isFolders: true).folders
        }
        for account in accounts { found += try bucket.list(account + "CloudTrail/", isFolders: true).folders }
        folders = found
    }
}
