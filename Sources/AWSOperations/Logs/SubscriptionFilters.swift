internal import AWSWire
internal import LogGroups
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    /// Refused, not stored and ignored: nothing here would deliver to the destination.
    static let putSubscriptionFilter = write("PutSubscriptionFilter") { (input, call, state, _) throws(AWSFault) in
        let group = try input.logGroupName()
        _ = try input.filterName()
        _ = try input.filterPattern()
        let destination = try input.required("destinationArn")
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        throw AWSFault.Logs.invalid(
            "This server delivers to no destination of subscription filters, and so not to \(destination).")
    }

    static let describeSubscriptionFilters = read("DescribeSubscriptionFilters") {
        (input, call, state, _) throws(AWSFault) in
        guard state.logGroups[call.scope, try input.logGroupName()] != nil else { throw AWSFault.Logs.noGroup }
        return ["subscriptionFilters": []]
    }

    static let deleteSubscriptionFilter = write("DeleteSubscriptionFilter") {
        (input, call, state, _) throws(AWSFault) in
        guard state.logGroups[call.scope, try input.logGroupName()] != nil else { throw AWSFault.Logs.noGroup }
        throw AWSFault("ResourceNotFoundException", "The specified subscription filter does not exist.")
    }
}
