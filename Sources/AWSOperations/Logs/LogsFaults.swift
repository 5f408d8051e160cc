internal import AWSWire
internal import WireValues

extension AWSFault {
    /// What CloudWatch Logs says, in its words.
    enum Logs {
        static func invalid(_ message: String) -> AWSFault { AWSFault("InvalidParameterException", message) }
        static let noGroup = AWSFault("ResourceNotFoundException", "The specified log group does not exist.")
        static let noStream = AWSFault("ResourceNotFoundException", "The specified log stream does not exist.")
        static let noFilter = AWSFault("ResourceNotFoundException", "The specified metric filter does not exist.")
        static let groupExists = AWSFault(
            "ResourceAlreadyExistsException", "The specified log group already exists")
        static let streamExists = AWSFault(
            "ResourceAlreadyExistsException", "The specified log stream already exists")
        static let limit = AWSFault("LimitExceededException", "Resource limit exceeded.")
        static let badToken = invalid("The specified nextToken is invalid.")
    }
}
