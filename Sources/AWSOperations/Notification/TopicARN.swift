internal import AWSCore
internal import AWSWire
internal import Notifications
internal import Pipeline
internal import WireValues

extension WireReader {
    /// The name of the topic that a member names by its ARN.
    func topic(_ call: Call, _ member: String = "TopicArn") throws(AWSFault) -> String {
        let text = try required(member)
        guard let arn = ARN(text) else {
            let count = text.split(separator: ":", omittingEmptySubsequences: false).count
            throw AWSFault.Notification.invalid("\(member) Reason: An ARN must have at least 6 elements, not \(count)")
        }
        guard arn.service == "sns", arn.region == call.scope.region, !arn.resource.contains(":") else {
            throw AWSFault.Notification.invalid(member)
        }
        guard arn.account == call.scope.account else { throw AWSFault.Notification.noTopic }
        return arn.resource
    }

    func existingTopic(_ call: Call, _ state: PipelineState, _ member: String = "TopicArn") throws(AWSFault) -> Topic {
        guard let topic = state.topics[call.scope, try topic(call, member)] else { throw AWSFault.Notification.noTopic }
        return topic
    }

    /// The key of the subscription that a member names by its ARN: `topic:id`.
    func subscriptionKey(_ member: String = "SubscriptionArn") throws(AWSFault) -> (scope: Scope, key: String) {
        let text = try required(member)
        guard !text.isEmpty else {
            throw AWSFault.Notification.invalid("\(member) Reason: no value for required parameter")
        }
        guard let arn = ARN(text) else {
            let count = text.split(separator: ":", omittingEmptySubsequences: false).count
            throw AWSFault.Notification.invalid("\(member) Reason: An ARN must have at least 6 elements, not \(count)")
        }
        guard arn.resource.split(separator: ":").count == 2 else {
            throw AWSFault.Notification.invalid("SubscriptionId")
        }
        return (Scope(account: arn.account, region: arn.region), arn.resource)
    }
}
