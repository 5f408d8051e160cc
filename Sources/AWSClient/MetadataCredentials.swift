internal import AWSCore
internal import Crypto
internal import HTTP
internal import WireValues

/// Credentials that an address gives: a container's agent, an instance's metadata, the portal of single sign-on.
struct MetadataCredentials {
    /// Such addresses answer at once or not at all.
    private let web = HTTPClient(timeout: 2, usesProxies: false) { _ in true }
    private let portal = HTTPClient(timeout: 30, usesProxies: true) { _ in true }
    /// The text of a file; nil when there is none.
    let read: (String) -> String?

    /// AWS SDKs and Tools Reference Guide, "Container credential provider".
    func container(_ url: String, token: String?, tokenFile: String?) throws(CredentialsError) -> Credentials {
        let authority = url.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        let isAddress = authority.hasPrefix("[")
        let host = isAddress ? String(authority.prefix { $0 != "]" }) + "]" : String(authority.prefix { $0 != ":" })
        // A token must not go to just anybody.
        let near = ["localhost", "127.0.0.1", "169.254.170.2", "169.254.170.23", "[::1]", "[fd00:ec2::23]"]
        let isNear = near.contains(host) && !authority.contains("@")
        guard url.hasPrefix("https://") || isNear else {
            throw CredentialsError(description: "`\(url)` is no address that container credentials may come from")
        }
        var secret = token
        if let tokenFile {
            guard let text = read(tokenFile) else {
                throw CredentialsError(description: "the token file \(tokenFile) cannot be read")
            }
            secret = text.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        let headers = secret.map { [(name: "Authorization", value: $0)] } ?? []
        return try keys(get(web, url, headers, "the container"), "the container", "Token")
    }

    /// Amazon EC2 User Guide, "Use the Instance Metadata Service", version 2.
    func instance(_ endpoint: String) throws(CredentialsError) -> Credentials {
        let what = "the instance metadata"
        let root = endpoint + "/latest/meta-data/iam/security-credentials/"
        let token: String
        do throws(HTTPClient.TransferError) {
            let answer = try web.send(
                "PUT", endpoint + "/latest/api/token",
                headers: [(name: "X-aws-ec2-metadata-token-ttl-seconds", value: "21600")])
            token = answer.status == 200 ? String(decoding: answer.body, as: UTF8.self) : ""
        } catch {
            token = ""
        }
        guard !token.isEmpty else {
            throw CredentialsError(
                description:
                    "there are no credentials: none in the environment or the shared files, and no metadata of "
                    + "an instance; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
        }
        let headers = [(name: "X-aws-ec2-metadata-token", value: token)]
        let roles = String(decoding: try get(web, root, headers, what), as: UTF8.self)
        guard let role = roles.split(whereSeparator: \.isNewline).first else {
            throw CredentialsError(description: "the instance has no role")
        }
        return try keys(get(web, root + role, headers, what), what, "Token")
    }

    /// AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
    func singleSignOn(
        _ source: CredentialSource.SingleSignOn, now: String, portalURL: String?
    ) throws(CredentialsError) -> Credentials {
        let name = hex(SHA1.hash(Array(source.key.utf8)))
        guard let text = read("\(source.cacheFolder)/\(name).json"), let cached = JSONWire.parse(text),
            let token = cached.text("accessToken"), let end = cached.text("expiresAt")
        else {
            throw CredentialsError(description: "nobody has signed in at \(source.key): run `aws sso login`")
        }
        // Both are written in UTC, so they compare as texts.
        guard end.replacing("UTC", with: "Z") > now else {
            throw CredentialsError(description: "the sign-in at \(source.key) has ended: run `aws sso login`")
        }
        let base = portalURL ?? "https://portal.sso.\(source.region).amazonaws.com"
        let url =
            "\(base)/federation/credentials?role_name=\(percentEncoded(source.role))"
            + "&account_id=\(percentEncoded(source.account))"
        let answer = try get(portal, url, [(name: "x-amz-sso_bearer_token", value: token)], "the sign-in portal")
        guard let role = JSONWire.parse(answer)?["roleCredentials"], let id = role.text("accessKeyId"),
            let secret = role.text("secretAccessKey")
        else { throw CredentialsError(description: "the sign-in portal gave no credentials") }
        var expiration: Timestamp?
        if case .integer(let milliseconds)? = role["expiration"] {
            expiration = Timestamp(milliseconds: milliseconds)
        }
        return Credentials(
            accessKeyID: id, secret: secret, sessionToken: role.text("sessionToken"), expiration: expiration)
    }

    private func get(
        _ client: HTTPClient, _ url: String, _ headers: [(name: String, value: String)], _ what: String
    ) throws(CredentialsError) -> [UInt8] {
        let answer: HTTPClient.Answer
        do throws(HTTPClient.TransferError) {
            answer = try client.send("GET", url, headers: headers)
        } catch {
            throw CredentialsError(description: "\(what) gave no credentials: \(error.description)")
        }
        guard answer.status == 200 else {
            throw CredentialsError(description: "\(what) gave no credentials: it answered \(answer.status)")
        }
        return answer.body
    }

    private func keys(_ answer: [UInt8], _ what: String, _ token: String) throws(CredentialsError) -> Credentials {
        guard let value = JSONWire.parse(answer), let id = value.text("AccessKeyId"),
            let secret = value.text("SecretAccessKey")
        else { throw CredentialsError(description: "\(what) gave no AccessKeyId and SecretAccessKey") }
        return Credentials(
            accessKeyID: id, secret: secret, sessionToken: value.text(token),
            expiration: value.text("Expiration").flatMap { Timestamp($0) })
    }
}
