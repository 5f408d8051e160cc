public import AWSWire

extension Service where Context == Call {
    /// What AWS has no operations for, spoken like CloudWatch Logs.
    public static let trailwarden = Service(
        signingName: "trailwarden", eventSource: "trailwarden.local", targetPrefix: "Trailwarden_20261121",
        invalid: { AWSFault.Logs.invalid($0) },
        operations: [.beginProof, .endProof, .describeDeliveries, .describeExceptions])
}
