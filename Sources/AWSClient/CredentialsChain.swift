public import AWSCore
internal import WireValues

/// Goes from the settings to credentials: by a command, or by assuming a role, where the profile says so.
public struct CredentialsChain {
    private let configuration: SharedConfiguration
    private let endpoint: String?
    private let region: String
    private let clock: any WallClock
    private let run: (String) -> String?
    private let ask: (String) -> String?

    /// - Parameters:
    ///   - endpoint: of STS; nil means AWS.
    ///   - run: what a command of the shell prints; nil when it fails.
    ///   - ask: the present code of the device of that serial; nil when there is nobody to ask.
    public init(
        _ configuration: SharedConfiguration, endpoint: String?, region: String, clock: any WallClock,
        run: @escaping (String) -> String?, ask: @escaping (String) -> String?
    ) {
        self.configuration = configuration
        self.endpoint = endpoint
        self.region = region
        self.clock = clock
        self.run = run
        self.ask = ask
    }

    public func credentials() throws(CredentialsError) -> Credentials {
        try credentials(of: try configuration.source(), seen: [])
    }

    private func credentials(of source: CredentialSource, seen: Set<String>) throws(CredentialsError) -> Credentials {
        switch source {
        case .keys(let id, let secret, let token):
            return Credentials(accessKeyID: id, secret: secret, sessionToken: token)
        case .process(let command): return try printed(by: command)
        case .role(let role):
            let base: CredentialSource
            if let profile = role.sourceProfile {
                guard !seen.contains(profile) else {
                    throw CredentialsError(
                        description: "the profiles `\(profile)` and others name each other as source")
                }
                // A profile may be its own source: then its keys assume its role.
                base = try configuration.source(of: profile, isSource: true)
                return try assume(role, with: try credentials(of: base, seen: seen.union([profile])))
            }
            guard let keys = configuration.environmentKeys else {
                throw CredentialsError(
                    description: "the role \(role.arn) is to be assumed with the environment, which holds no keys")
            }
            base = keys
            return try assume(role, with: try credentials(of: base, seen: seen))
        }
    }

    /// What a credential process prints (AWS SDKs and Tools Reference Guide, "Process credential provider").
    private func printed(by command: String) throws(CredentialsError) -> Credentials {
        guard let output = run(command), let value = JSONWire.parse(output) else {
            throw CredentialsError(description: "the credential process failed or printed no JSON: \(command)")
        }
        func text(_ name: String) -> String? { if case .string(let text)? = value[name] { text } else { nil } }
        guard let id = text("AccessKeyId"), let secret = text("SecretAccessKey") else {
            throw CredentialsError(description: "the credential process printed no AccessKeyId and SecretAccessKey")
        }
        return Credentials(accessKeyID: id, secret: secret, sessionToken: text("SessionToken"))
    }

    private func assume(
        _ role: CredentialSource.Role, with credentials: Credentials
    ) throws(CredentialsError) -> Credentials {
        var input: [WireMember] = [
            WireMember("RoleArn", .string(role.arn)),
            WireMember("RoleSessionName", .string(role.sessionName ?? "trailwarden")),
        ]
        if let id = role.externalID { input.append(WireMember("ExternalId", .string(id))) }
        if let duration = role.duration { input.append(WireMember("DurationSeconds", WireValue(duration))) }
        if let serial = role.mfaSerial {
            guard let code = ask(serial) else {
                throw CredentialsError(
                    description: "the role \(role.arn) needs the code of \(serial), and nobody can be asked")
            }
            input += [WireMember("SerialNumber", .string(serial)), WireMember("TokenCode", .string(code))]
        }
        let client = AWSClient(endpoint: endpoint, credentials: credentials, clock: clock) { _ in }
        let output: WireValue
        do throws(AWSClient.Failure) {
            output = try client.call("sts", "AssumeRole", .structure(input), region: region)
        } catch {
            throw CredentialsError(
                description: "the role \(role.arn) cannot be assumed: \(error.code) \(error.message)")
        }
        func text(_ name: String) -> String? {
            if case .string(let text)? = output["Credentials"]?[name] { text } else { nil }
        }
        guard let id = text("AccessKeyId"), let secret = text("SecretAccessKey") else {
            throw CredentialsError(description: "STS gave no credentials for the role \(role.arn)")
        }
        return Credentials(accessKeyID: id, secret: secret, sessionToken: text("SessionToken"))
    }
}
