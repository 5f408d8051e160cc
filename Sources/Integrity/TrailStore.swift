public import AWSClient
internal import CloudTrail
internal import Foundation
internal import Synchronization

/// Where the files of a trail are kept.
public protocol TrailStore: Sendable {
    /// What stands before `AWSLogs/` in keys, with its slash.
    var prefix: String { get }
    /// So many files may be read side by side.
    var width: Int { get }
    /// A name for people, of a place that digests name.
    func name(_ bucket: String, _ key: String) -> String
    /// The keys below `prefix`, in their order, behind one of them.
    func keys(_ prefix: String, in bucket: String?, after start: String?) throws(TrailStoreFault) -> [String]
    /// The folders right below one.
    func folders(_ prefix: String) throws(TrailStoreFault) -> [String]
    /// Nil when there is no such file.
    func file(_ key: String, in bucket: String?) throws(TrailStoreFault) -> TrailFile?
    /// What a key that a digest names is to this store.
    func known(_ key: String) -> String
    /// Whether a file that says of itself where it is lies there.
    func isPlace(_ key: String, _ bucket: String?, said: (bucket: String, key: String)) -> Bool
}

public struct TrailStoreFault: Error, Sendable {
    public var words: String
}

public struct TrailFile: Sendable {
    public var bytes: [UInt8]
    /// The signature of a digest, in hexadecimal digits, where the store keeps it.
    public var signature: String?
    /// Whether the store keeps signatures, so that a digest without one is no digest of CloudTrail's.
    public var hasSignatures: Bool
    /// When a backfilled digest was made.
    public var made: String?
}

/// The bucket that CloudTrail delivers to.
public final class BucketStore: TrailStore {
    public let prefix: String
    public let width = 16
    private let bucket: String
    private let client: AWSClient
    private let region: String
    private let known = Mutex<[String: Bucket]>([:])

    public init(_ bucket: String, prefix: String, _ client: AWSClient, region: String) {
        self.bucket = bucket
        self.prefix = prefix
        self.client = client
        self.region = region
    }

    public func name(_ bucket: String, _ key: String) -> String {
        "s3://\(bucket.isEmpty ? self.bucket : bucket)/\(key)"
    }

    private func find(_ name: String?) throws(TrailStoreFault) -> Bucket {
        let name = name ?? bucket
        if let bucket = known.withLock({ $0[name] }) { return bucket }
        do throws(AWSClient.Failure) {
            let bucket = try Bucket(finding: name, client, from: region)
            known.withLock { $0[name] = bucket }
            return bucket
        } catch {
            throw TrailStoreFault(words: "s3://\(name): \(error.code) \(error.message)")
        }
    }

    public func keys(
        _ prefix: String, in bucket: String?, after start: String?
    ) throws(TrailStoreFault) -> [String] {
        let bucket = try find(bucket)
        do throws(AWSClient.Failure) {
            return try bucket.list(prefix, after: start).objects.map(\.key)
        } catch {
            throw TrailStoreFault(words: "s3://\(bucket.name)/\(prefix): \(error.code) \(error.message)")
        }
    }

    public func folders(_ prefix: String) throws(TrailStoreFault) -> [String] {
        let bucket = try find(nil)
        do throws(AWSClient.Failure) {
            return try bucket.list(prefix, isFolders: true).folders
        } catch {
            throw TrailStoreFault(words: "s3://\(bucket.name)/\(prefix): \(error.code) \(error.message)")
        }
    }

    public func file(_ key: String, in bucket: String?) throws(TrailStoreFault) -> TrailFile? {
        let bucket = try find(bucket)
        do throws(AWSClient.Failure) {
            let object = try bucket.object(key)
            // CloudTrail User Guide, "CloudTrail digest file structure": the signature is in the metadata.
            return TrailFile(
                bytes: object.body,
                signature: object.metadata["signature-algorithm"].flatMap { _ in
                    object.metadata["signature"]
                }, hasSignatures: true, made: object.metadata["backfill-generation-timestamp"])
        } catch {
            if error.code == "NoSuchKey" || error.code == "404" { return nil }
            throw TrailStoreFault(words: "\(error.code) \(error.message)")
        }
    }

    public func known(_ key: String) -> String { key }

    public func isPlace(_ key: String, _ bucket: String?, said: (bucket: String, key: String)) -> Bool {
        said.bucket == bucket ?? self.bucket && said.key == key
    }
}

/// A copy of a bucket in a directory, as `aws s3 sync` makes it. The metadata of objects are lost by that, the signatures
/// with them: that of each digest is also in the next one, and that of the newest may stand in a file beside it, whose
/// name has `.signature` behind.
public struct FolderStore: TrailStore {
    public let prefix = ""
    public let width: Int
    /// The directory that `AWSLogs` is in.
    private let root: String

    private init(root: String) {
        self.root = root
        width = max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    /// The copies in a directory: that in which a path lies, or else each folder below it that has `AWSLogs` in it.
    public static func stores(in path: String) -> [FolderStore] {
        let path = URL(filePath: path).standardizedFileURL.path
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if let logs = parts.firstIndex(of: "AWSLogs") {
            parts.removeSubrange(logs...)
            return [FolderStore(root: parts.joined(separator: "/"))]
        }
        var stores: [FolderStore] = []
        // Prefixes of buckets are a folder or some.
        func look(in folder: String, depth: Int) {
            if FileManager.default.fileExists(atPath: folder + "/AWSLogs") {
                stores.append(FolderStore(root: folder))
            } else if depth < 8 {
                for name in (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? [] {
                    var isFolder: ObjCBool = false
                    let below = folder + "/" + name
                    if FileManager.default.fileExists(atPath: below, isDirectory: &isFolder), isFolder.boolValue {
                        look(in: below, depth: depth + 1)
                    }
                }
            }
        }
        look(in: path, depth: 0)
        return stores
    }

    /// Keys are told by what stands in them from `AWSLogs/` on.
    private static func tail(_ key: String) -> Substring {
        key.firstRange(of: "AWSLogs/").map { key[$0.lowerBound...] } ?? key[...]
    }

    private func path(_ key: String) -> String { "\(root)/\(Self.tail(key))" }

    public func name(_ bucket: String, _ key: String) -> String { path(key) }

    public func keys(
        _ prefix: String, in bucket: String?, after start: String?
    ) throws(TrailStoreFault) -> [String] {
        let folder = path(prefix)
        var keys: [String] = []
        var fault: String?
        let files = FileManager.default.enumerator(
            at: URL(filePath: folder, directoryHint: .isDirectory), includingPropertiesForKeys: nil
        ) { url, error in
            if !Self.isNoFile(error) { fault = fault ?? "\(url.path): \(error.localizedDescription)" }
            return true
        }
        let start = start.map(Self.tail)
        while let url = files?.nextObject() as? URL {
            guard url.lastPathComponent.hasSuffix(".json.gz") else { continue }
            let key = String(Self.tail(url.path))
            if start.map({ key > $0 }) ?? true { keys.append(key) }
        }
        // What is not listed is not verified, and nobody would know.
        if let fault { throw TrailStoreFault(words: fault) }
        return keys.sorted()
    }

    private static func isNoFile(_ error: any Error) -> Bool {
        let code = (error as NSError).code
        return code == CocoaError.fileReadNoSuchFile.rawValue || code == CocoaError.fileNoSuchFile.rawValue
    }

    public func folders(_ prefix: String) throws(TrailStoreFault) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path(prefix))
        } catch {
            if Self.isNoFile(error) { return [] }
            throw TrailStoreFault(words: "\(path(prefix)): \(error.localizedDescription)")
        }
        return names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path(prefix + name), isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted().map { prefix + $0 + "/" }
    }

    public func file(_ key: String, in bucket: String?) throws(TrailStoreFault) -> TrailFile? {
        // What a digest names is in the copy, or nowhere.
        guard !key.split(separator: "/").contains("..") else {
            throw TrailStoreFault(words: "its name leads elsewhere")
        }
        // Links are followed, to whatever kind of thing they lead.
        let path = URL(filePath: path(key)).resolvingSymlinksInPath().path
        guard let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType else {
            return nil
        }
        guard type == .typeRegular, let bytes = FileManager.default.contents(atPath: path) else {
            throw TrailStoreFault(words: type == .typeRegular ? "it cannot be read" : "it is no file")
        }
        var beside: String?
        if key.contains("/CloudTrail-Digest/"),
            let facts = try? FileManager.default.attributesOfItem(atPath: path + ".signature"),
            facts[.type] as? FileAttributeType == .typeRegular, (facts[.size] as? Int ?? 0) < 4096
        {
            beside = FileManager.default.contents(atPath: path + ".signature").map {
                String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
            }
        }
        return TrailFile(bytes: Array(bytes), signature: beside, hasSignatures: false)
    }

    public func known(_ key: String) -> String { String(Self.tail(key)) }

    public func isPlace(_ key: String, _ bucket: String?, said: (bucket: String, key: String)) -> Bool {
        Self.tail(key) == Self.tail(said.key)
    }
}
