internal import AWSWire
internal import WireValues

extension AWSFault {
    /// What CloudWatch says, in its words.
    enum Monitoring {
        static func validation(_ message: String) -> AWSFault {
            AWSFault("com.amazon.coral.validate#ValidationException", message, queryCode: "ValidationError")
        }
        static func value(_ message: String) -> AWSFault {
            AWSFault("InvalidParameterValueException", message, queryCode: "InvalidParameterValue")
        }
        static func combination(_ message: String) -> AWSFault {
            AWSFault("InvalidParameterCombinationException", message, queryCode: "InvalidParameterCombination")
        }
        static func notFound(_ message: String?) -> AWSFault {
            AWSFault("ResourceNotFound", message, status: 404)
        }
        /// Of operations whose model knows no `InvalidNextToken`.
        static let badParameterToken = value("Request parameter NextToken is invalid")
        static let badToken = AWSFault("InvalidNextToken", "The next token specified is invalid.")
    }
}
