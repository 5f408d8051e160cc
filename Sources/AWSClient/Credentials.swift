/// What a caller signs with.
public struct Credentials: Sendable {
    public var accessKeyID: String
    public var secret: String
    public var sessionToken: String?

    public init(accessKeyID: String, secret: String, sessionToken: String? = nil) {
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

    struct Role: Equatable {
        var arn: String
        /// The profile whose credentials may assume it; nil takes those of the environment.
        var sourceProfile: String?
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
        for (name, section) in Self.sections(read(environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config") ?? "") {
            let plain = name.hasPrefix("profile ") ? String(name.dropFirst("profile ".count)) : name
            guard name == "default" || plain != name else { continue }
            profiles[plain, default: [:]].merge(section) { $1 }
        }
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials"
        for (name, section) in Self.sections(read(credentials) ?? "") {
            profiles[name, default: [:]].merge(section) { $1 }
        }
        self.profiles = profiles
        isProfileNamed = profile != nil
        let named = profile ?? environment["AWS_PROFILE"]
        self.profile = named ?? "default"
        if let named, profiles[named] == nil { throw CredentialsError(description: "there is no profile `\(named)`") }
    }

    public var region: String? {
        environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profiles[profile]?["region"]
    }

    public var endpoint: String? { environment["AWS_ENDPOINT_URL"] ?? profiles[profile]?["endpoint_url"] }

    /// Keys of the environment come before those of a profile, unless a profile was named.
    func source() throws(CredentialsError) -> CredentialSource {
        if !isProfileNamed, let keys = environmentKeys { return keys }
        return try source(of: profile)
    }

    var environmentKeys: CredentialSource? {
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            return nil
        }
        return .keys(accessKeyID: id, secret: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
    }

    /// - Parameter isSource: whether a role of another profile is assumed with them: keys come first then.
    func source(of name: String, isSource: Bool = false) throws(CredentialsError) -> CredentialSource {
        guard let settings = profiles[name] else {
            throw CredentialsError(
                description: name == "default"
                    ? "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
                    : "there is no profile `\(name)`")
        }
        let keys = settings["aws_access_key_id"].flatMap { id in
            settings["aws_secret_access_key"].map {
                CredentialSource.keys(accessKeyID: id, secret: $0, sessionToken: settings["aws_session_token"])
            }
        }
        if isSource, let keys { return keys }
        if let arn = settings["role_arn"], settings["web_identity_token_file"] == nil {
            let source = settings["source_profile"]
            guard source != nil || settings["credential_source"] == "Environment" else {
                throw CredentialsError(
                    description:
                        "the profile `\(name)` has a role and neither source_profile nor credential_source = Environment"
                )
            }
            return .role(
                CredentialSource.Role(
                    arn: arn, sourceProfile: source, externalID: settings["external_id"],
                    sessionName: settings["role_session_name"], mfaSerial: settings["mfa_serial"],
                    duration: settings["duration_seconds"].flatMap { Int($0) }))
        }
        if let keys { return keys }
        if let command = settings["credential_process"] { return .process(command) }
        for way in ["sso_session", "sso_start_url", "web_identity_token_file"] where settings[way] != nil {
            throw CredentialsError(
                description: "the profile `\(name)` gets its credentials by \(way), which is not supported yet: "
                    + "run `eval \"$(aws configure export-credentials --profile \(name) --format env)\"` first")
        }
        throw CredentialsError(
            description: "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
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
