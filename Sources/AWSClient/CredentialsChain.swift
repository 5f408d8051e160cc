public import AWSCore
internal import WireValues

/// Goes from the settings to credentials: by a command, or by assuming a role, where the profile says so.
public struct CredentialsChain {
    private let configuration: SharedConfiguration
    private let endpoints: Endpoints
    private let region: String
    private let clock: any WallClock
    private let run: (String) -> String?
    private let ask: (String) -> String?
    private let read: (String) -> String?

    /// - Parameters:
    ///   - endpoints: of STS and the sign-in portal.
    ///   - run: what a command of the shell prints; nil when it fails.
    ///   - read: the text of a file; nil when there is none.
    ///   - ask: the present code of the device of that serial; nil when there is nobody to ask.
    public init(
        _ configuration: SharedConfiguration, endpoints: Endpoints, region: String, clock: any WallClock,
        read: @escaping (String) -> String?, run: @escaping (String) -> String?,
        ask: @escaping (String) -> String?
    ) {
        self.read = read
        self.configuration = configuration
        self.endpoints = endpoints
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
        case .webIdentity(let role, let file, let name): return try assume(role, byTokenIn: file, name)
        case .singleSignOn(let signOn):
            // A test stands in for the portal as for every other service.
            return try MetadataCredentials(read: read).singleSignOn(
                signOn, now: clock.now.description, portalURL: endpoints["sso"])
        case .container(let url, let token, let file):
            return try MetadataCredentials(read: read).container(url, token: token, tokenFile: file)
        case .instance(let endpoint): return try MetadataCredentials(read: read).instance(endpoint)
        case .role(let role):
            let base: CredentialSource
            if let profile = role.sourceProfile {
                guard !seen.contains(profile) else {
                    throw CredentialsError(
                        description: "the profiles `\(profile)` and others name each other as source")
                }
                // A profile may be its own source: then its keys assume its role.
                base = try configuration.source(ofProfile: profile)
                return try assume(role, with: try credentials(of: base, seen: seen.union([profile])))
            }
            let named: CredentialSource? =
                switch role.credentialSource {
                case "EcsContainer": configuration.container
                case "Ec2InstanceMetadata": configuration.instance
                default: configuration.environmentKeys
                }
            guard let named else {
                throw CredentialsError(
                    description:
                        "the role \(role.arn) is to be assumed with \(role.credentialSource ?? "nothing"), which "
                        + "holds no credentials")
            }
            base = named
            return try assume(role, with: try credentials(of: base, seen: seen))
        }
    }

    /// What a credential process prints (AWS SDKs and Tools Reference Guide, "Process credential provider").
    private func printed(by command: String) throws(CredentialsError) -> Credentials {
        guard let output = run(command), let value = JSONWire.parse(output) else {
            throw CredentialsError(
                description: "the credential process failed or printed no JSON: "
                    + "\(command.split(separator: " ").first ?? "")")
        }
        guard let id = value.text("AccessKeyId"), let secret = value.text("SecretAccessKey") else {
            throw CredentialsError(description: "the credential process printed no AccessKeyId and SecretAccessKey")
        }
        return Credentials(
            accessKeyID: id, secret: secret, sessionToken: value.text("SessionToken"),
            expiration: value.text("Expiration").flatMap { Timestamp($0) })
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
        return try keys(of: role.arn, "AssumeRole", .structure(input), with: credentials)
    }

    /// With a token that somebody else has given out, in the place of a signature.
    private func assume(
        _ role: String, byTokenIn file: String, _ name: String?
    ) throws(CredentialsError) -> Credentials {
        guard let token = read(file)?.split(whereSeparator: \.isWhitespace).first else {
            throw CredentialsError(description: "the token file \(file) cannot be read")
        }
        let input: WireValue = [
            "RoleArn": .string(role), "RoleSessionName": .string(name ?? "trailwarden"),
            "WebIdentityToken": .string(String(token)),
        ]
        return try keys(of: role, "AssumeRoleWithWebIdentity", input, with: nil)
    }

    private func keys(
        of role: String, _ operation: String, _ input: WireValue, with credentials: Credentials?
    ) throws(CredentialsError) -> Credentials {
        let client = AWSClient(endpoints: endpoints, credentials: credentials, clock: clock) { _ in }
        let output: WireValue
        do throws(AWSClient.Failure) {
            output = try client.call("sts", operation, input, region: region)
        } catch {
            throw CredentialsError(
                description: "the role \(role) cannot be assumed: \(error.code) \(error.message)")
        }
        let given = output["Credentials"] ?? .empty
        guard let id = given.text("AccessKeyId"), let secret = given.text("SecretAccessKey") else {
            throw CredentialsError(description: "STS gave no credentials for the role \(role)")
        }
        return Credentials(
            accessKeyID: id, secret: secret, sessionToken: given.text("SessionToken"),
            expiration: given.text("Expiration").flatMap { Timestamp($0) })
    }
}
