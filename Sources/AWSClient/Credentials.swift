public import AWSCore

/// What a caller signs with.
public struct Credentials: Sendable {
    public var accessKeyID: String
    public var secret: String
    public var sessionToken: String?
    /// Until when they hold; nil for keys that do not end.
    public var expiration: Timestamp?

    public init(accessKeyID: String, secret: String, sessionToken: String? = nil, expiration: Timestamp? = nil) {
        self.expiration = expiration
        self.accessKeyID = accessKeyID
        self.secret = secret
        self.sessionToken = sessionToken
    }
}

/// Why there are no credentials, in words for the caller. Holds no secret.
public struct CredentialsError: Error, CustomStringConvertible, Sendable {
    public var description: String
}

/// How a profile comes by its credentials.
enum CredentialSource: Equatable {
    case keys(accessKeyID: String, secret: String, sessionToken: String?)
    /// A command that prints them.
    case process(String)
    case role(Role)
    /// A role that whoever holds the token may assume.
    case webIdentity(roleARN: String, tokenFile: String, sessionName: String?)
    /// What somebody who has signed in at a portal may be.
    case singleSignOn(SingleSignOn)
    /// The answer of a container's agent; the token may lie in a file.
    case container(url: String, token: String?, tokenFile: String?)
    /// The metadata of the machine, version 2.
    case instance(endpoint: String)

    struct SingleSignOn: Equatable {
        /// The name of the session, or the address of the portal: the cache is found by it.
        var key: String
        var region: String
        var account: String
        var role: String
        var cacheFolder: String
    }

    struct Role: Equatable {
        var arn: String
        /// The profile whose credentials may assume it.
        var sourceProfile: String?
        /// `Environment`, `EcsContainer` or `Ec2InstanceMetadata`, where no profile is named.
        var credentialSource: String?
        var externalID: String?
        var sessionName: String?
        /// Of the device whose code must be given.
        var mfaSerial: String?
        var duration: Int?
    }
}

/// The settings of AWS tools: the environment, and the shared files with their profiles (AWS SDKs and Tools Reference
/// Guide, "Shared config and credentials files").
public struct SharedConfiguration: Sendable {
    private let environment: [String: String]
    private let profiles: [String: [String: String]]
    /// The sections on sessions of single sign-on.
    private let sessions: [String: [String: String]]
    private let profile: String
    private let isProfileNamed: Bool

    /// - Parameters:
    ///   - profile: nil takes `AWS_PROFILE`, and else `default`.
    ///   - read: the text of a file; nil when there is none.
    public init(
        profile: String?, environment: [String: String], read: (String) -> String?
    ) throws(CredentialsError) {
        self.environment = environment
        let home = environment["HOME"] ?? ""
        var profiles: [String: [String: String]] = [:]
        var sessions: [String: [String: String]] = [:]
        for (name, section) in Self.sections(read(environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config") ?? "") {
            if name.hasPrefix("sso-session ") {
                sessions[String(name.dropFirst("sso-session ".count)), default: [:]].merge(section) { $1 }
            }
            let plain = name.hasPrefix("profile ") ? String(name.dropFirst("profile ".count)) : name
            guard name == "default" || plain != name else { continue }
            profiles[plain, default: [:]].merge(section) { $1 }
        }
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials"
        for (name, section) in Self.sections(read(credentials) ?? "") {
            profiles[name, default: [:]].merge(section) { $1 }
        }
        self.profiles = profiles
        self.sessions = sessions
        isProfileNamed = profile != nil
        let named = profile ?? environment["AWS_PROFILE"]
        self.profile = named ?? "default"
        if let named, profiles[named] == nil { throw CredentialsError(description: "there is no profile `\(named)`") }
    }

    public var region: String? {
        environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profiles[profile]?["region"]
    }

    public var endpoints: Endpoints {
        Endpoints(environment: environment, general: profiles[profile]?["endpoint_url"])
    }

    /// Keys of the environment come before those of a profile, unless a profile was named.
    func source() throws(CredentialsError) -> CredentialSource {
        if !isProfileNamed, let keys = environmentKeys { return keys }
        if !isProfileNamed, let role = environment["AWS_ROLE_ARN"],
            let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"]
        {
            return .webIdentity(
                roleARN: role, tokenFile: file, sessionName: environment["AWS_ROLE_SESSION_NAME"])
        }
        if let named = try source(of: profile, isSource: false) { return named }
        if let container { return container }
        if let instance { return instance }
        throw CredentialsError(description: Self.nothing)
    }

    private static let nothing =
        "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"

    /// The agent of a container, as its environment names it.
    var container: CredentialSource? {
        let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].map { "http://169.254.170.2" + $0 }
        guard let url = path ?? environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else { return nil }
        return .container(
            url: url, token: environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
            tokenFile: environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
    }

    var instance: CredentialSource? {
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
        let endpoint = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
        return .instance(endpoint: endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)
    }

    /// What a role of another profile is assumed with.
    func source(ofProfile name: String) throws(CredentialsError) -> CredentialSource {
        guard let source = try source(of: name, isSource: true) else {
            throw CredentialsError(description: "the profile `\(name)` holds no credentials")
        }
        return source
    }

    var environmentKeys: CredentialSource? {
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            return nil
        }
        return .keys(accessKeyID: id, secret: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
    }

    /// - Parameter isSource: whether a role of another profile is assumed with them: keys come first then.
    /// - Returns: nil when the profile says nothing of credentials.
    private func source(of name: String, isSource: Bool) throws(CredentialsError) -> CredentialSource? {
        guard let settings = profiles[name] else {
            if name == "default" { return nil }
            throw CredentialsError(description: "there is no profile `\(name)`")
        }
        let keys = settings["aws_access_key_id"].flatMap { id in
            settings["aws_secret_access_key"].map {
                CredentialSource.keys(accessKeyID: id, secret: $0, sessionToken: settings["aws_session_token"])
            }
        }
        if isSource, let keys { return keys }
        if let arn = settings["role_arn"] {
            if let file = settings["web_identity_token_file"] {
                return .webIdentity(roleARN: arn, tokenFile: file, sessionName: settings["role_session_name"])
            }
            guard settings["source_profile"] != nil || settings["credential_source"] != nil else {
                throw CredentialsError(
                    description: "the profile `\(name)` has a role and neither source_profile nor credential_source")
            }
            return .role(
                CredentialSource.Role(
                    arn: arn, sourceProfile: settings["source_profile"],
                    credentialSource: settings["credential_source"], externalID: settings["external_id"],
                    sessionName: settings["role_session_name"], mfaSerial: settings["mfa_serial"],
                    duration: settings["duration_seconds"].flatMap { Int($0) }))
        }
        if let signOn = try singleSignOn(settings, name) { return signOn }
        if let keys { return keys }
        if let command = settings["credential_process"] { return .process(command) }
        return nil
    }

    private func singleSignOn(
        _ settings: [String: String], _ name: String
    ) throws(CredentialsError) -> CredentialSource? {
        let session = settings["sso_session"]
        guard session != nil || settings["sso_start_url"] != nil else { return nil }
        if let session, sessions[session] == nil {
            throw CredentialsError(
                description: "the profile `\(name)` names the sso-session `\(session)`, which is not there")
        }
        let place = session.flatMap { sessions[$0] } ?? settings
        guard let url = place["sso_start_url"], let region = place["sso_region"],
            let account = settings["sso_account_id"], let role = settings["sso_role_name"]
        else {
            throw CredentialsError(
                description: "the profile `\(name)` needs sso_start_url, sso_region, sso_account_id and sso_role_name")
        }
        return .singleSignOn(
            CredentialSource.SingleSignOn(
                key: session ?? url, region: region, account: account, role: role,
                cacheFolder: (environment["HOME"] ?? "") + "/.aws/sso/cache"))
    }

    private static func sections(_ text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var name = ""
        for line in text.split(whereSeparator: \.isNewline) {
            // What is set in belongs to the setting before.
            guard let first = line.first, !first.isWhitespace else { continue }
            let line = String(String(line.reversed().drop(while: \.isWhitespace)).reversed())
            if line.first == "[", line.last == "]" {
                name = String(line.dropFirst().dropLast()).split(separator: " ").joined(separator: " ")
            } else if first != "#", first != ";", let equals = line.firstIndex(of: "=") {
                let key = String(line[..<equals]).filter { !$0.isWhitespace }
                sections[name, default: [:]][key] = String(
                    line[line.index(after: equals)...].drop(while: \.isWhitespace))
            }
        }
        return sections
    }
}
