/// The monitoring controls of the benchmark that are a pattern over events, in its order.
public enum Catalogue {
    public static let controls: [Control] = [
        .unauthorizedAPICalls, .consoleSignInWithoutMFA, .rootUsage, .iamPolicyChanges, .cloudTrailChanges,
        .consoleAuthenticationFailures, .kmsKeyDisabledOrDeleted, .s3PolicyChanges, .configChanges,
        .securityGroupChanges, .networkACLChanges, .networkGatewayChanges, .routeTableChanges, .vpcChanges,
        .organizationsChanges,
    ]

    /// The control with that id, or the number it has in `version`.
    public static func control(_ name: String, in version: BenchmarkVersion) -> Control? {
        controls.first { $0.id == name } ?? controls.first { $0.number(in: version) == name }
    }
}
