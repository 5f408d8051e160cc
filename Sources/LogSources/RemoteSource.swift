public import AWSClient
internal import AWSCore
internal import CloudTrail
internal import HTTP
public import Pipeline
internal import Store
internal import Synchronization
internal import WireValues

/// Takes the files that CloudTrail delivers to a bucket: found by listing it, or told by a queue; each exactly once.
public final class RemoteSource: EventSource {
    public let source: LogSource
    private let pipeline: Pipeline
    private let client: AWSClient
    /// Of the calls.
    private let region: String
    private let status: Mutex<SourceStatus>
    private let thread = SourceThread()
    private let log: @Sendable (_ words: String, _ isGrave: Bool) -> Void

    /// - Parameters:
    ///   - client: calls S3, and SQS for a queue.
    ///   - log: takes a line about what could not be taken.
    public init(
        _ source: LogSource, _ pipeline: Pipeline, _ client: AWSClient, region: String,
        log: @escaping @Sendable (_ words: String, _ isGrave: Bool) -> Void
    ) {
        self.source = source
        self.pipeline = pipeline
        self.client = client
        self.region = region
        self.log = log
        status = Mutex(SourceStatus(name: source.name))
    }

    public var present: SourceStatus { status.withLock { $0 } }
    public func start() { thread.start { [self] in run() } }
    public func stop() { thread.stop() }

    /// After so many attempts an object that is damaged is taken as far as it goes.
    private static let attempts = 5

    private func run() {
        ensureLogGroup(pipeline, log: log)
        let taker = ObjectTaker(source, pipeline, client, region: region)
        switch source.place {
        case .bucket(let bucket, let prefix):
            let listing = BucketListing(Bucket(bucket, client, region: region), prefix: prefix, since: firstDay())
            var failed: [ObjectTaker.Object] = []
            while !thread.isStopping {
                list(listing, taker, &failed)
                thread.wait(Double(source.pollInterval))
            }
        case .queue(let url):
            while !thread.isStopping { receive(url, taker) }
        case .directory, .sender: break
        }
    }

    // MARK: A bucket

    /// Under this the day is kept up to which everything has been taken, so that an outage of days loses none of them.
    private var dayKey: Batch.FileKey { Batch.FileKey(source: "s3-day", path: source.name) }

    /// The first day to be listed: the one up to which everything has been taken, or else the one that was asked for.
    private func firstDay() -> String? {
        let known = (try? pipeline.store.position(of: dayKey)) ?? nil
        return known.map { Timestamp(milliseconds: $0.modified).advanced(bySeconds: -86_400).date } ?? source.since
    }

    private func keepDay(_ now: Timestamp) {
        let day = Batch.FilePosition(records: 0, size: 0, modified: now.milliseconds, isDone: true)
        try? pipeline.perform { [dayKey] state, _ in state.take([], [], of: dayKey, upTo: day) }
    }

    private func list(
        _ listing: BucketListing, _ taker: ObjectTaker, _ failed: inout [ObjectTaker.Object]
    ) {
        var objects: [ObjectTaker.Object] = []
        let now = pipeline.clock.now
        do throws(AWSClient.Failure) {
            objects = try listing.objects(at: now)
        } catch {
            log("\(source.name): cannot be listed: \(error.code) \(error.message)", true)
            return
        }
        do throws(StoreError) {
            var new: [ObjectTaker.Object] = []
            for object in objects { if try taker.isNew(object) { new.append(object) } }
            objects = new
        } catch {
            failed += objects.filter { !failed.contains($0) }
            return log("\(source.name): \(error.description)", true)
        }
        objects += failed.filter { !objects.contains($0) }
        failed = []
        for (place, object) in objects.enumerated() where !thread.isStopping {
            status.withLock { $0.waiting = objects.count - place }
            if !take(object, taker) { failed.append(object) }
        }
        if thread.isStopping { return }
        status.withLock { status in
            status.waiting = 0
            status.hasCaughtUp = true
        }
        // What was asked for is taken, or kept to be tried again until the process ends; then this day is listed again.
        if failed.isEmpty { keepDay(now) }
    }

    // MARK: A queue

    /// Takes what the next messages tell of. A message is deleted when all of it is stored; one that tells of nothing
    /// known stays, for the queue to put aside.
    private func receive(_ url: String, _ taker: ObjectTaker) {
        let answer: WireValue
        do throws(AWSClient.Failure) {
            answer = try client.call(
                "sqs", "ReceiveMessage",
                ["QueueUrl": .string(url), "MaxNumberOfMessages": 10, "WaitTimeSeconds": 5], region: region)
        } catch {
            log("\(source.name): cannot be read: \(error.code) \(error.message)", true)
            return thread.wait(10)
        }
        guard case .list(let messages)? = answer["Messages"], !messages.isEmpty else {
            return status.withLock { $0.hasCaughtUp = true }
        }
        for message in messages where !thread.isStopping {
            guard let body = message.text("Body"), let receipt = message.text("ReceiptHandle") else { continue }
            let id = message.text("MessageId") ?? ""
            guard let objects = Self.objects(toldBy: body) else {
                let words = "message \(id) of the queue tells of no file of a bucket"
                if status.withLock({ $0.aside.updateValue(words, forKey: "message \(id)") == nil }) { log(words, true) }
                continue
            }
            let isAllTaken = objects.map { take($0, taker) }.allSatisfy { $0 }
            guard isAllTaken else { continue }
            do throws(AWSClient.Failure) {
                _ = try client.call(
                    "sqs", "DeleteMessage", ["QueueUrl": .string(url), "ReceiptHandle": .string(receipt)],
                    region: region)
            } catch {
                // It comes again, and what it tells of is known then.
                log("\(source.name): a message could not be deleted: \(error.code) \(error.message)", false)
            }
        }
    }

    /// The objects that a message tells of: S3's notification, in SNS's envelope or not; EventBridge's; CloudTrail's own.
    /// Empty for the test message of S3; nil when it is none of them.
    static func objects(toldBy body: String) -> [ObjectTaker.Object]? {
        guard let message = JSONWire.parse(body) else { return nil }
        if let inner = message.text("Message"), message.text("Type") == "Notification" { return objects(toldBy: inner) }
        if message.text("Event") == "s3:TestEvent" { return [] }
        if let bucket = message.text("s3Bucket"), case .list(let keys)? = message["s3ObjectKey"] {
            return keys.compactMap { key in
                if case .string(let key) = key { ObjectTaker.Object(bucket: bucket, key: key, size: 0) } else { nil }
            }
        }
        if let detail = message["detail"], let bucket = detail["bucket"]?.text("name"),
            let key = detail["object"]?.text("key")
        {
            return [ObjectTaker.Object(bucket: bucket, key: key, size: 0)]
        }
        guard case .list(let records)? = message["Records"], !records.isEmpty else { return nil }
        let found = records.compactMap { record -> ObjectTaker.Object? in
            guard let bucket = record["s3"]?["bucket"]?.text("name"), let key = record["s3"]?["object"]?.text("key")
            else { return nil }
            // Keys are written as in forms (Amazon S3 User Guide, "Event message structure").
            return ObjectTaker.Object(bucket: bucket, key: decoded(key), size: 0)
        }
        return found.isEmpty ? nil : found
    }

    private static func decoded(_ key: String) -> String {
        decodeForm(key)
    }

    // MARK: An object

    /// Whether it is stored, or nothing can be stored of it.
    private func take(_ object: ObjectTaker.Object, _ taker: ObjectTaker) -> Bool {
        // Folders and digests are no logs.
        guard !object.key.hasSuffix("/"), !object.key.contains("/CloudTrail-Digest/") else { return true }
        let attempts = status.withLock { status in
            status.attempts[object.path, default: 0] += 1
            return status.attempts[object.path] ?? 1
        }
        let start = pipeline.clock.now
        var reason: String?
        do throws(ObjectTaker.Failure) {
            switch try taker.take(object, isFinal: attempts >= Self.attempts) {
            case .known: break
            case .taken(let records, let bytes, let fault, let faults):
                if let fault { log("\(fault)\(faults > 1 ? "; and \(faults - 1) more in this file" : "")", true) }
                status.withLock { status in
                    status.files += 1
                    status.faults += faults
                    status.records += records
                    status.bytes += bytes
                    status.busyMilliseconds += pipeline.clock.now.milliseconds - start.milliseconds
                    status.newestTaken = max(status.newestTaken ?? .min, object.modified)
                }
            case .unreadable(let fault, let isGivenUp):
                if isGivenUp { log("\(fault); it is not tried again", true) } else { reason = "\(fault)" }
            }
        } catch {
            switch error {
            case .call(let failure): reason = "\(object.path): \(failure.code) \(failure.message)"
            case .store(let failure): reason = "\(object.path): could not be stored: \(failure.description)"
            case .file(let words): reason = words
            }
        }
        status.withLock { status in
            status.newestSeen = max(status.newestSeen ?? .min, object.modified)
            status.aside[object.path] = reason
            if reason == nil { status.attempts[object.path] = nil }
        }
        if let reason, attempts == 1 || attempts == Self.attempts {
            log("\(reason)\(attempts == 1 ? "; it is tried again" : "")", attempts > 1)
        }
        return reason == nil
    }
}
