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

/// The settings of AWS tools: the environment, and the shared files with their profiles (AWS SDKs and Tools Reference
/// Guide, "Shared config and credentials files").
public struct SharedConfiguration: Sendable {
    private let environment: [String: String]
    private let profile: String
    private let settings: [String: String]

    /// - Parameters:
    ///   - profile: nil takes `AWS_PROFILE`, and else `default`.
    ///   - read: the text of a file; nil when there is none.
    public init(
        profile: String?, environment: [String: String], read: (String) -> String?
    ) throws(CredentialsError) {
        self.environment = environment
        let home = environment["HOME"] ?? ""
        let named = profile ?? environment["AWS_PROFILE"]
        self.profile = named ?? "default"
        var settings: [String: String] = [:]
        let config = environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config"
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials"
        var isKnown = false
        for (path, prefix) in [(config, "profile "), (credentials, "")] {
            guard let text = read(path) else { continue }
            let sections = Self.sections(text)
            let names = self.profile == "default" ? ["default", prefix + "default"] : [prefix + self.profile]
            for name in names {
                guard let section = sections[name] else { continue }
                isKnown = true
                settings.merge(section) { $1 }
            }
        }
        if let named, !isKnown { throw CredentialsError(description: "there is no profile `\(named)`") }
        self.settings = settings
    }

    public var region: String? {
        environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? settings["region"]
    }

    public var endpoint: String? { environment["AWS_ENDPOINT_URL"] ?? settings["endpoint_url"] }

    /// Keys of the environment come before those of a profile, unless a profile was named.
    public func credentials(isProfileNamed: Bool) throws(CredentialsError) -> Credentials {
        if !isProfileNamed, let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"]
        {
            return Credentials(accessKeyID: id, secret: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
        }
        if let id = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"] {
            return Credentials(accessKeyID: id, secret: secret, sessionToken: settings["aws_session_token"])
        }
        for way in ["role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file"]
        where settings[way] != nil {
            throw CredentialsError(
                description: "the profile `\(profile)` gets its credentials by \(way), which is not supported yet: "
                    + "run `eval \"$(aws configure export-credentials --profile \(profile) --format env)\"` first")
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
