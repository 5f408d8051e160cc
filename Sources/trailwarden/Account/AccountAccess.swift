import AWSClient
import AWSCore
import Audit
import Controls
import Foundation
import Server
import Synchronization
import WireValues

/// What the commands have in common that look at an account: which one, which controls, and how to get there.
struct AccountAccess {
    let version: BenchmarkVersion
    let controls: [Control]
    /// Nil for a snapshot.
    let client: AWSClient?
    let snapshot: AccountSnapshot
    let regions: [String]

    static let options: [Command.Option] = [
        .init(name: "--endpoint-url", value: "URL", help: "where the APIs are; AWS if not given"),
        .init(name: "--profile", value: "NAME", help: "the profile of the shared files"),
        .init(name: "--region", value: "REGIONS", help: "regions to look for trails in, by comma"),
        .init(name: "--all-regions", help: "every region that is enabled for the account"),
        Command.benchmark,
        .init(name: "--control", value: "IDS", help: "controls by id or number, by comma; all if not given"),
        .init(name: "--controls-file", value: "FILE", help: "controls of one's own besides, as `controls show --json`"),
        .init(name: "--snapshot", value: "FILE", help: "look at what was saved, and read nothing else"),
    ]

    init(_ invocation: Invocation) throws(UsageError) {
        version = try ScanCommand.version(invocation)
        controls = try ControlFile.selected(invocation, version)
        var regions = (invocation.value("--region") ?? "").split(separator: ",").map(String.init)
        if let path = invocation.value("--snapshot") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("cannot read the snapshot \(path)")
            }
            do throws(AccountSnapshot.FormatError) {
                snapshot = try AccountSnapshot(text)
            } catch {
                throw UsageError("\(path): \(error.description)")
            }
            client = nil
            self.regions = regions.isEmpty ? snapshot.regions : regions
            return
        }
        let (client, home) = try Self.client(invocation)
        if regions.isEmpty { regions = [home] }
        self.client = client
        snapshot = AccountSnapshot(recording: LiveAccount(client: client))
        if invocation.has("--all-regions") { regions = Self.enabledRegions(snapshot, home: regions[0]) }
        self.regions = regions
        snapshot.readAhead(regions: regions, for: controls)
    }

    /// A client with the credentials that the options lead to, and the region they name first.
    static func client(_ invocation: Invocation) throws(UsageError) -> (AWSClient, region: String) {
        try client(
            profile: invocation.value("--profile"),
            region: invocation.value("--region")?.split(separator: ",").first.map(String.init),
            endpoint: invocation.value("--endpoint-url"), renews: false)
    }

    /// - Parameters:
    ///   - storage: where S3 and SQS are, if elsewhere.
    ///   - renews: whether credentials are asked for anew before they end.
    static func client(
        profile: String?, region: String?, endpoint: String?, storage: String? = nil, renews: Bool
    ) throws(UsageError) -> (AWSClient, region: String) {
        @Sendable func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
        let environment = ProcessInfo.processInfo.environment
        do throws(CredentialsError) {
            let shared = try SharedConfiguration(profile: profile, environment: environment, read: read)
            let region = region ?? shared.region ?? "us-east-1"
            var endpoints = endpoint.map { Endpoints($0) } ?? shared.endpoints
            if let storage { endpoints = endpoints.storing(at: storage) }
            let clock = Server.SystemClock()
            @Sendable func credentials() throws(CredentialsError) -> Credentials {
                // A token must not go to whatever address the calls go to.
                try CredentialsChain(
                    shared, endpoints: shared.endpoints, region: region, clock: clock, read: read, run: Shell.output,
                    ask: Shell.code
                ).credentials()
            }
            let first = try credentials()
            let client = AWSClient(
                endpoints: endpoints, credentials: first, renew: { renews ? try? credentials() : nil }, clock: clock
            ) { Thread.sleep(forTimeInterval: $0) }
            return (client, region)
        } catch {
            throw UsageError(error.description)
        }
    }

    /// The regions that are enabled for the account, the home first.
    private static func enabledRegions(_ snapshot: AccountSnapshot, home: String) -> [String] {
        let found: [String]
        do throws(ReadFailure) {
            found = try snapshot.enabledRegions(home: home)
        } catch {
            // Those that need no enabling (AWS General Reference, "Regions").
            Terminal.complain(
                "trailwarden: which regions are enabled is not known (\(error.words)); the 17 that always are, are "
                    + "looked at")
            found = [
                "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
                "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1",
                "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
            ]
        }
        return [home] + found.filter { $0 != home }
    }
}

/// An account read through its APIs.
struct LiveAccount: AccountReader {
    let client: AWSClient

    func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue {
        StatusLine.show("reading \(service) \(operation) in \(region) …")
        defer { StatusLine.clear() }
        do throws(AWSClient.Failure) {
            return try client.call(service, operation, input, region: region)
        } catch {
            throw ReadFailure(
                code: error.code, message: error.message, action: ReadFailure.action(service, operation))
        }
    }
}

/// A line on a terminal's standard error that says what is being done.
enum StatusLine {
    // Several threads read at once.
    private static let lock = Mutex(())

    static func show(_ text: String) {
        guard Terminal.errorIsTerminal else { return }
        lock.withLock { _ in Terminal.write(2, "\r\u{1B}[K\(text.shortened(to: Terminal.width - 1))") }
    }

    static func clear() {
        guard Terminal.errorIsTerminal else { return }
        lock.withLock { _ in Terminal.write(2, "\r\u{1B}[K") }
    }
}
