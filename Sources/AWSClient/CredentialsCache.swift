internal import AWSCore
internal import Synchronization

/// Credentials that are renewed before they end.
final class CredentialsCache: Sendable {
    /// So long before their end, in seconds, new ones are asked for.
    private static let margin: Int64 = 300

    private let known: Mutex<Credentials>
    private let renew: @Sendable () -> Credentials?

    init(_ credentials: Credentials, renew: @escaping @Sendable () -> Credentials?) {
        known = Mutex(credentials)
        self.renew = renew
    }

    func present(at now: Timestamp) -> Credentials {
        known.withLock { known in
            if let end = known.expiration, end < now.advanced(bySeconds: Self.margin), let new = renew() { known = new }
            return known
        }
    }
}
