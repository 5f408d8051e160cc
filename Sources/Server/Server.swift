public import AWSCore
internal import AWSOperations
internal import AWSWire
internal import Alarms
internal import Controls
internal import Crypto
internal import Delivery
internal import Foundation
internal import HTTP
internal import Integrity
internal import LogGroups
internal import LogSources
internal import Notifications
internal import Pipeline
internal import Store
internal import Synchronization

/// The service: an HTTP endpoint before the pipeline, a clock behind it, and couriers.
public final class Server: Sendable {
    public struct StartError: Error, CustomStringConvertible, Sendable {
        public var description: String
    }

    /// The time of day.
    public struct SystemClock: WallClock {
        public init() {}
        public var now: Timestamp {
            Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
        }
    }

    let pipeline: Pipeline
    let gate: Gate
    private let http: HTTPServer
    private let loops: Loops
    private let sources: [any EventSource]
    private let digests: [DigestWatch]
    private let hasSources = Atomic<Bool>(false)
    public let port: Int
    public let url: String

    /// Opens the store and starts to listen.
    public init(
        _ configuration: Configuration, clock: any WallClock = SystemClock(),
        log write: @escaping @Sendable (LogEntry) -> Void
    ) throws(StartError) {
        let log = Log(clock: clock, write: write)
        if let fault = configuration.faults.first { throw StartError(description: fault) }
        let scheme = configuration.certificatePath == nil ? "http" : "https"
        do throws(StoreError) {
            Self.makeFolder(of: configuration.storePath)
            let store = try Store(path: configuration.storePath)
            var settings = Pipeline.Settings()
            settings.signatureVersion = configuration.signatureVersion
            settings.ringsForPast = configuration.ringsForPast
            settings.exceptions = ExceptionRules(configuration.exceptions)
            pipeline = try Pipeline(store, clock: clock, settings: settings)
            let published = Catalogue.watchingEvents.map { $0.publishedPattern(in: .newest) }
            settings.exceptions.prepare(for: try pipeline.perform { state, _ in state.filterPatterns } + published)
        } catch {
            throw StartError(description: error.description)
        }
        // Made in the background: a new key takes a third of a second, and nobody needs it before the first message.
        let signer = Signer(pipeline)
        var options = HTTPServer.Options()
        options.host = configuration.host
        options.port = configuration.port
        options.maximumBody = configuration.maximumBody
        options.connectionLimit = configuration.connectionLimit
        do {
            options.certificate = try configuration.certificatePath.map {
                try String(contentsOfFile: $0, encoding: .utf8)
            }
            options.key = try configuration.keyPath.map { try String(contentsOfFile: $0, encoding: .utf8) }
        } catch {
            throw StartError(description: "cannot read the certificate: \(error.localizedDescription)")
        }
        let shownHost = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        // The address is known only when the port is; links are made later than that.
        let address = Address()
        sources = configuration.sources.map { [pipeline] source -> any EventSource in
            let tell: @Sendable (String, Bool) -> Void = { words, isGrave in
                isGrave ? log.fail(words, ["source": source.name]) : log.warn(words, ["source": source.name])
            }
            guard let access = configuration.access[source.name] else {
                return DirectorySource(source, pipeline, log: tell)
            }
            return RemoteSource(source, pipeline, access.client, region: access.region, log: tell)
        }
        digests = Self.digestWatches(configuration, pipeline, log)
        let gate = Gate(configuration, pipeline, signer, address, log) { [sources, digests, pipeline] in
            StatusPage(
                sources: sources.map(\.present), integrity: digests.map(\.present), exceptions: pipeline.exceptions)
        }
        self.gate = gate
        do {
            http = try HTTPServer(options) { gate.respond($0) }
        } catch {
            throw StartError(description: "\(error)")
        }
        port = http.port
        url = configuration.publicURL ?? "\(scheme)://\(shownHost):\(http.port)"
        address.set(url)
        var courier = Courier.Settings(
            baseURL: url, smtpURL: configuration.smtpURL,
            allowsLocalEndpoints: configuration.allowsLocalEndpoints ?? configuration.isLoopback)
        if let sender = configuration.mailSender { courier.mailSender = sender }
        loops = Loops(pipeline, Courier(courier) { signer.key }, log, everyMinute: Self.progress(of: sources, log))
        pipeline.onFailure { log.fail("the store could not be written: \($0)") }
        pipeline.onStateChange { change in
            log.info(
                "\(change.time.hourAndMinute) \(change.alarm): \(change.old.rawValue) -> \(change.new.rawValue). "
                    + change.reason, ["account": change.scope.account, "region": change.scope.region])
        }
        loops.start()
        gate.open()
        signer.prepare()
    }

    private static func makeFolder(of path: String) {
        guard path != ":memory:", let slash = path.lastIndex(of: "/") else { return }
        try? FileManager.default.createDirectory(
            atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }

    /// Logs how the sources are getting on, if they are.
    private static func progress(of sources: [any EventSource], _ log: Log) -> @Sendable () -> Void {
        let told = Mutex<[String: SourceStatus]>([:])
        return {
            for status in sources.map(\.present) {
                let last = told.withLock { $0.updateValue(status, forKey: status.name) }
                let (files, records) = (status.files - (last?.files ?? 0), status.records - (last?.records ?? 0))
                guard files > 0 else { continue }
                log.info(
                    "\(status.name): \(files) files with \(records) records taken, \(status.waiting) waiting, "
                        + "\(status.aside.count) set aside, \(Int(status.lag)) s behind", ["source": status.name])
            }
        }
    }

    private static func digestWatches(
        _ configuration: Configuration, _ pipeline: Pipeline, _ log: Log
    ) -> [DigestWatch] {
        guard let digestKeys = configuration.digestKeys else { return [] }
        return configuration.sources.compactMap { source in
            let access = configuration.access[source.name]
            let keys: @Sendable () -> KeyRing
            switch digestKeys {
            case .given(let ring): keys = { ring }
            case .asked(let client): keys = { (access?.client ?? client).map { KeyRing(asking: $0) } ?? KeyRing() }
            }
            let watch = DigestWatch(source, pipeline, access.map { ($0.client, $0.region) }, keys) { words, isGrave in
                isGrave ? log.fail(words, ["source": source.name]) : log.warn(words, ["source": source.name])
            }
            if watch == nil {
                log.warn(
                    "\(source.name): its digests are not verified: a queue tells of log files only; make the bucket a source",
                    ["source": source.name])
            }
            return watch
        }
    }

    /// Begins to take what the sources have. To be called when the filters are in place that are to count it.
    public func startSources() {
        for source in sources { source.start() }
        for watch in digests { watch.start() }
        hasSources.store(true, ordering: .releasing)
    }

    /// Answers what has been asked, commits what has been changed, and ends.
    public func stop() {
        gate.close()
        http.stop()
        if hasSources.load(ordering: .acquiring) {
            for watch in digests { watch.stop() }
            for source in sources { source.stop() }
        }
        loops.stop()
        pipeline.stop()
    }
}

/// The key that messages are signed with, made when it is first asked for.
final class Signer: @unchecked Sendable {
    private let pipeline: Pipeline
    private let lock = NSLock()
    // Invariant: touched only under the lock.
    private var made: SigningKey?

    init(_ pipeline: Pipeline) {
        self.pipeline = pipeline
    }

    /// Nil when the store fails, or the system has no randomness.
    var key: SigningKey? {
        lock.withLock {
            if made == nil {
                // The key is computed outside the pipeline's lock.
                let spare =
                    (try? pipeline.perform { state, _ in state.hasSigningKey }) == true
                    ? nil : SigningKey(commonName: "trailwarden")
                made = (try? pipeline.perform { state, _ in state.signingKey(or: spare) }) ?? nil
            }
            return made
        }
    }

    /// Makes the key on a thread of its own.
    func prepare() {
        Thread { [self] in _ = key }.start()
    }
}

/// The address of the server, once it is known.
final class Address: @unchecked Sendable {
    private let lock = NSLock()
    private var text = ""

    func set(_ text: String) { lock.withLock { self.text = text } }
    var url: String { lock.withLock { text } }
}
