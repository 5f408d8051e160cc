public import AWSCore
internal import WireValues

/// A bucket of S3, to be read.
public struct Bucket: Sendable {
    public let name: String
    private let client: AWSClient
    private let region: String

    /// - Parameter region: that of the bucket, by which its calls are signed.
    public init(_ name: String, _ client: AWSClient, region: String) {
        self.name = name
        self.client = client
        self.region = region
    }

    /// A bucket wherever it is.
    public init(finding name: String, _ client: AWSClient, from region: String) throws(AWSClient.Failure) {
        let answer = try client.call("s3", "GetBucketLocation", ["Bucket": .string(name)], region: region)
        // Of the first region the answer is empty, of one of the oldest buckets it is a name of its own.
        let place = if case .string(let text) = answer { text } else { answer.text("LocationConstraint") ?? "" }
        let home = place.isEmpty ? "us-east-1" : place == "EU" ? "eu-west-1" : place
        self.init(name, client, region: home)
    }

    public struct Entry: Sendable {
        public var key: String
        public var size: Int64
        public var modified: Timestamp?
    }

    /// The objects whose keys begin with `prefix`, in their order, by as few calls as there are thousands of them.
    ///
    /// - Parameters:
    ///   - isFolders: whether what lies below the next slash is named by its folder only.
    ///   - start: only keys behind this one.
    public func list(
        _ prefix: String, isFolders: Bool = false, after start: String? = nil
    ) throws(AWSClient.Failure) -> (objects: [Entry], folders: [String]) {
        var objects: [Entry] = []
        var folders: [String] = []
        var token: String?
        repeat {
            var input = [WireMember("Bucket", .string(name)), WireMember("Prefix", .string(prefix))]
            if let start { input.append(WireMember("StartAfter", .string(start))) }
            if isFolders { input.append(WireMember("Delimiter", "/")) }
            if let token { input.append(WireMember("ContinuationToken", .string(token))) }
            let page = try client.call("s3", "ListObjectsV2", .structure(input), region: region)
            for member in page.members {
                if member.name == "Contents", let key = member.value.text("Key") {
                    objects.append(
                        Entry(
                            key: key, size: Int64(member.value.text("Size") ?? "") ?? 0,
                            modified: member.value.text("LastModified").flatMap { Timestamp($0) }))
                } else if member.name == "CommonPrefixes", let folder = member.value.text("Prefix") {
                    folders.append(folder)
                }
            }
            let next = page.text("NextContinuationToken")
            token = page.text("IsTruncated") == "true" && next != token ? next : nil
        } while token != nil
        return (objects, folders)
    }

    /// An object, with what its writer said of it: by names in lower case, without `x-amz-meta-`.
    ///
    /// - Throws: `NoSuchKey` among others.
    public func object(_ key: String) throws(AWSClient.Failure) -> (body: [UInt8], metadata: [String: String]) {
        let output = try client.call(
            "s3", "GetObject", ["Bucket": .string(name), "Key": .string(key)], region: region)
        guard case .blob(let body)? = output["Body"] else { return ([], [:]) }
        var metadata: [String: String] = [:]
        for member in output["Metadata"]?.members ?? [] {
            metadata[member.name] = output["Metadata"]?.text(member.name)
        }
        return (body, metadata)
    }
}
