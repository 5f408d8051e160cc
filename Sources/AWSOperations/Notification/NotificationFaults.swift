internal import AWSWire
internal import Notifications
internal import WireValues

extension AWSFault {
    /// What SNS says, in its words.
    enum Notification {
        static func invalid(_ what: String) -> AWSFault {
            AWSFault("InvalidParameterException", "Invalid parameter: " + what, queryCode: "InvalidParameter")
        }
        static func validation(_ message: String) -> AWSFault {
            AWSFault("ValidationException", message, queryCode: "ValidationError")
        }
        static func notFound(_ message: String) -> AWSFault {
            AWSFault("NotFoundException", message, queryCode: "NotFound", status: 404)
        }
        static let noTopic = notFound("Topic does not exist")
        static let noSubscription = notFound("Subscription does not exist")
    }
}
