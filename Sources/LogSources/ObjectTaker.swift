internal import AWSClient
internal import AWSCore
internal import CloudTrail
internal import Foundation
internal import Pipeline
internal import Store
internal import Synchronization
internal import WireValues

/// Takes objects of a bucket as files. For one thread.
final class ObjectTaker {
    private let client: AWSClient
    private let region: String
    private let taker: FileTaker
    private let folder: URL

    init(_ source: LogSource, _ pipeline: Pipeline, _ client: AWSClient, region: String) {
        self.client = client
        self.region = region
        taker = FileTaker(source, pipeline)
        folder = FileManager.default.temporaryDirectory
    }

    struct Object: Hashable {
        var bucket: String
        var key: String
        /// By which another content of the same key is told, and when it was written, as far as that is known.
        var size: Int64
        var modified: Int64 = 0

        /// Under this its position is kept, whoever tells of it.
        var path: String { "s3://\(bucket)/\(key)" }
    }

    private static let underWay = Mutex<Set<String>>([])

    enum Failure: Error {
        case call(AWSClient.Failure)
        case store(StoreError)
        case file(String)
    }

    /// Whether there may be anything to take.
    func isNew(_ object: Object) throws(StoreError) -> Bool { try !taker.isDone(object.path) }

    /// Objects of CloudTrail are whole and never change, so each is taken once by its name.
    func take(_ object: Object, isFinal: Bool) throws(Failure) -> FileTaker.Outcome {
        // A bucket and its queue may be sources both.
        guard Self.underWay.withLock({ $0.insert(object.path).inserted }) else {
            throw .file("\(object.path) is being taken by another source")
        }
        defer { _ = Self.underWay.withLock { $0.remove(object.path) } }
        do throws(StoreError) {
            if try !isNew(object) { return .known }
        } catch {
            throw .store(error)
        }
        let body: [UInt8]
        do throws(AWSClient.Failure) {
            body = try Bucket(object.bucket, client, region: region).object(object.key).body
        } catch {
            throw .call(error)
        }
        // On disk, because the reader takes a large file piece by piece.
        let file = folder.appending(path: "trailwarden-\(UUID().uuidString)")
        // For nobody else to read.
        let permissions: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: file.path, contents: Data(body), attributes: permissions) else {
            throw .file("cannot write \(file.path)")
        }
        defer { try? FileManager.default.removeItem(at: file) }
        do throws(StoreError) {
            let outcome = try taker.take(file.path, named: object.path, size: Int64(body.count), isFinal: isFinal)
            switch outcome {
            case .known: return .known
            case .unreadable(var fault, let isGivenUp):
                fault.path = object.path
                return .unreadable(fault, isGivenUp: isGivenUp)
            case .taken(let records, let bytes, var fault, let faults):
                fault?.path = object.path
                return .taken(records: records, bytes: bytes, fault: fault, faults: faults)
            }
        } catch {
            throw .store(error)
        }
    }
}
