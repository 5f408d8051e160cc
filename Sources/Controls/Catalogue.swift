/// The monitoring controls of the benchmark, in its order.
public enum Catalogue {
    public static let controls: [Control] = [
        .unauthorizedAPICalls, .consoleSignInWithoutMFA, .rootUsage, .iamPolicyChanges, .cloudTrailChanges,
        .consoleAuthenticationFailures, .kmsKeyDisabledOrDeleted, .s3PolicyChanges, .configChanges,
        .securityGroupChanges, .networkACLChanges, .networkGatewayChanges, .routeTableChanges, .vpcChanges,
        .organizationsChanges, .securityHubEnabled,
    ]

    /// Those that are a pattern over events.
    public static let watchingEvents = controls.filter { $0.subject == .events }

    /// The control with that id, or the number it has in `version`.
    public static func control(_ name: String, in version: BenchmarkVersion) -> Control? {
        controls.first { $0.id == name } ?? controls.first { $0.number(in: version) == name }
    }
}
