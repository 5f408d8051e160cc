import AWSCore
import Foundation
import LogSources
import Server

extension Command {
    static let serve = Command(
        name: "serve",
        summary: "the monitoring pipeline itself: CloudWatch Logs, CloudWatch, SNS, CloudTrail and STS on one endpoint",
        discussion: [
            "Stock AWS clients work against it unchanged: set AWS_ENDPOINT_URL to the address that is printed. Log events "
                + "are matched by metric filters as they come in, metrics are kept by the minute, alarms are judged, and "
                + "topics tell their subscribers by http, https and mail. What is acknowledged is on disk.",
            "Without credentials every caller is let in, and the server listens on loopback only. With --credentials "
                + "every signature is verified. The management calls that it serves are recorded as CloudTrail events, "
                + "and delivered to the log group of each trail that logs.",
            "With --source CloudTrail files are taken into a log group as they appear: those of a directory in any layout that "
                + "scan reads, those that CloudTrail delivers to a bucket, found by listing its present day (s3://), or told "
                + "by the bucket's notifications in a queue (sqs:). Each is taken exactly once, across restarts and crashes. "
                + "Behind it may stand log-group=NAME, account=ID, region=NAME, deduplicate=yes and deduplicate-window=SECONDS, "
                + "by comma, for buckets and queues also profile=NAME and endpoint-url=URL, for buckets since=2026-11-20 and "
                + "poll=SECONDS; in a file of settings the same as an object with a place. Old events are stored and counted "
                + "in their own minutes, and ring no alarm of today. A file that cannot be read is set aside and tried again. `GET /status` tells how "
                + "the sources are getting on.",
            "Events are also taken when they are sent: by Kinesis Data Firehose to /push/firehose, and by API destinations of "
                + "EventBridge to /push/events (x-api-key, basic or bearer authorization); ?log-group=NAME names another "
                + "group. Each request counts once, however often it is sent.",
            "--exceptions names a JSON array of {\"control\": …, \"pattern\": …, \"reason\": …, \"expires\": …}: an event that a "
                + "control requires and that such a pattern matches does not count for filters of that control, until it "
                + "expires. What was suppressed is counted on `GET /status`, in the metric Trailwarden / SuppressedMatches, and "
                + "by `audit`, which judges the control with it. In the file of settings they stand under `exceptions`.",
            "With --verify-digests the hourly digests of directories and buckets are verified as they come, and the log files "
                + "by them: what was modified or deleted is logged, told on `GET /status`, and published as the metric "
                + "Trailwarden / IntegrityViolations for alarms.",
            "Each option may also be given in the environment: --smtp-url as TRAILWARDEN_SMTP_URL, and so on; and in the "
                + "file of --config, a JSON object: {\"smtp-url\": \"smtp://127.0.0.1:25\", \"log-calls\": true}. The command "
                + "line comes before the environment, and that before the file.",
            "The server stops on SIGTERM or an interrupt, when running calls have been answered.",
        ],
        arguments: [],
        options: [
            .init(name: "--listen", value: "HOST:PORT", help: "where to listen; 127.0.0.1:4599 if not given"),
            .init(name: "--store", value: "PATH", help: "the store, or :memory:; ./var/trailwarden.db if not given"),
            .init(name: "--public-url", value: "URL", help: "the address in links, when it is not the one listened on"),
            .init(
                name: "--controls", value: "cis",
                help: "put the fifteen monitoring controls in force on the log group cloudtrail/management-events",
                choices: ["cis"]),
            .init(
                name: "--source", value: "PATH[,…]",
                help:
                    "take CloudTrail files as they appear: a directory, s3://BUCKET/PREFIX or sqs:URL; several may be given",
                isRepeatable: true, takesObjects: true),
            .init(
                name: "--exceptions", value: "FILE",
                help: "events of known automation that keep no alarm ringing: control, pattern, reason, expires",
                takesObjects: true),
            .init(
                name: "--push-key", value: "FILE",
                help: "a file with the key that senders of events must know; without one only loopback may send"),
            .init(
                name: "--ring-for-past",
                help: "tell of what would have rung when old events happened; they are history if not given"),
            .init(
                name: "--verify-digests",
                help: "verify the digests of directories and buckets, and the log files by them, hour by hour"),
            .init(
                name: "--public-keys", value: "FILE",
                help: "keys to verify by, as `aws cloudtrail list-public-keys` prints; CloudTrail is asked if not given"
            ),
            .init(name: "--account", value: "ID", help: "the account of callers; 123456789012 if not given"),
            .init(
                name: "--credentials", value: "FILE",
                help: "keys whose signatures are accepted, in the form of an AWS credentials file"),
            .init(
                name: "--smtp-url", value: "URL", help: "the mail server: smtp://host:25 or smtps://user:password@host"),
            .init(name: "--mail-from", value: "ADDRESS", help: "the sender of mails"),
            .init(name: "--tls-cert", value: "FILE", help: "serve https with this certificate (PEM)"),
            .init(name: "--tls-key", value: "FILE", help: "the key of the certificate (PEM)"),
            .init(
                name: "--signature-version", value: "1|2",
                help: "how messages of topics that do not say are signed; 2 (SHA-256) if not given",
                choices: ["1", "2"]),
            .init(
                name: "--local-endpoints", value: "yes|no",
                help: "whether messages may go to private addresses; yes only while listening on loopback",
                choices: ["yes", "no"]),
            .init(
                name: "--log-format", value: "text|json", help: "lines for people, or JSON objects; text if not given",
                choices: ["text", "json"]),
            .init(name: "--log-calls", help: "log every call, with its request id"),
            .init(name: "--config", value: "FILE", help: "a JSON object with options, named without their dashes"),
            .init(name: "--allow-reset", help: "POST /_trailwarden/reset forgets everything; for test suites"),
        ],
        examples: [
            ("trailwarden serve --controls cis", "on 127.0.0.1:4599, the store in ./var, all controls in force"),
            (
                "trailwarden serve --controls cis --source /var/log/cloudtrail",
                "the same, fed by the files that appear there"
            ),
            ("AWS_ENDPOINT_URL=http://127.0.0.1:4599 aws logs describe-log-groups", "a client of it"),
            ("trailwarden serve --store :memory: --listen 127.0.0.1:0 --allow-reset", "for a test suite"),
        ],
        run: { invocation throws(UsageError) in try ServeCommand(invocation).run() })
}

struct ServeCommand {
    private let configuration: Configuration
    private let putsControls: Bool
    private let logsJSON: Bool

    init(_ invocation: Invocation) throws(UsageError) {
        let settings = try Settings(invocation, of: .serve)
        func value(_ name: String) -> String? { settings.value(name) }
        let controls = value("--controls")
        guard controls == nil || controls == "cis" else {
            throw UsageError("`\(controls ?? "")` is no set of controls", advice: "there is one: cis")
        }
        putsControls = controls == "cis"
        let format = value("--log-format") ?? "text"
        guard ["text", "json"].contains(format) else {
            throw UsageError("a log format is text or json, not `\(format)`")
        }
        logsJSON = format == "json"
        var configuration = Configuration()
        if let text = value("--listen") {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
                throw UsageError("`\(text)` is no address", advice: "write host:port, as in 127.0.0.1:4599")
            }
            var host = String(text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            configuration.host = host.isEmpty ? "0.0.0.0" : host
            configuration.port = port
        }
        if let path = value("--store") { configuration.storePath = path }
        configuration.publicURL = value("--public-url").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let account = value("--account") { configuration.account = account }
        if let path = value("--credentials") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("cannot read the credentials in \(path)")
            }
            configuration.credentials = Configuration.credentials(text, account: configuration.account)
            if configuration.credentials.isEmpty {
                throw UsageError("\(path) holds no aws_access_key_id with an aws_secret_access_key")
            }
        }
        configuration.smtpURL = value("--smtp-url")
        configuration.mailSender = value("--mail-from")
        configuration.certificatePath = value("--tls-cert")
        configuration.keyPath = value("--tls-key")
        if let version = value("--signature-version") {
            guard ["1", "2"].contains(version) else {
                throw UsageError("a signature version is 1 or 2, not `\(version)`")
            }
            configuration.signatureVersion = version
        }
        if let text = value("--local-endpoints") {
            guard ["yes", "no"].contains(text) else {
                throw UsageError("--local-endpoints is yes or no, not `\(text)`")
            }
            configuration.allowsLocalEndpoints = text == "yes"
        }
        if let path = value("--push-key") {
            let text = try? String(contentsOfFile: path, encoding: .utf8)
            let key = text?.split(whereSeparator: \.isNewline).first.map(String.init)
            guard let key, key.count >= 16 else {
                throw UsageError("\(path) holds no key of at least 16 characters in its first line")
            }
            configuration.pushKey = key
        }
        for source in try SourceSettings.sources(settings, account: configuration.account) {
            configuration.sources.append(source)
            configuration.access[source.name] = try SourceSettings.access(to: source)
        }
        if let path = value("--exceptions") { configuration.exceptions = try ExceptionFile.read(path) }
        configuration.exceptions += try ExceptionFile.exceptions(settings.objects("--exceptions"), in: "the settings")
        if settings.has("--verify-digests") {
            if let path = value("--public-keys") {
                configuration.digestKeys = .given(try VerifyCommand.keys(in: path))
            } else {
                let client = try? AccountAccess.client(profile: nil, region: nil, endpoint: nil, renews: true)
                configuration.digestKeys = .asked(client?.0)
            }
        }
        configuration.ringsForPast = settings.has("--ring-for-past")
        configuration.allowsReset = settings.has("--allow-reset")
        configuration.logsCalls = settings.has("--log-calls")
        let faults = configuration.faults
        if !faults.isEmpty { throw UsageError(faults.joined(separator: "; ")) }
        self.configuration = configuration
    }

    func run() -> ExitStatus {
        // Before any thread is made, so that none of them takes a signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        let server: Server
        do throws(Server.StartError) {
            server = try Server(configuration) { [logsJSON] entry in
                Terminal.complain(logsJSON ? entry.json : "trailwarden: \(entry.text)")
            }
        } catch {
            Terminal.complain("trailwarden serve: \(error.description)")
            return .unreadable
        }
        Terminal.complain("trailwarden: listening on \(server.url), store \(configuration.storePath)")
        if configuration.credentials.isEmpty {
            Terminal.complain("trailwarden: no credentials are set: every caller is let in")
        }
        do throws(Server.StartError) {
            if putsControls { try server.putControls(account: configuration.account) }
        } catch {
            Terminal.complain("trailwarden serve: \(error.description)")
            server.stop()
            return .unreadable
        }
        server.startSources()
        var received: Int32 = 0
        sigwait(&signals, &received)
        Terminal.complain("trailwarden: stopping")
        server.stop()
        return .success
    }
}
