internal import AWSCore
internal import AWSWire
internal import Crypto
internal import Notifications
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let confirmSubscription = write("ConfirmSubscription") { (input, call, state, _) throws(AWSFault) in
        let text = try input.required("TopicArn")
        guard let arn = ARN(text), arn.service == "sns" else { throw AWSFault.Notification.invalid("Topic") }
        let token = try input.required("Token")
        guard token.utf8.count == 288, token.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            throw AWSFault(
                "InvalidParameterException", "Invalid token", queryCode: "InvalidParameter")
        }
        let scope = Scope(account: arn.account, region: arn.region)
        let known = state.subscriptions.all(in: scope, prefix: arn.resource + ":").first {
            equalsInConstantTime(Array($0.token.utf8), Array(token.utf8))
        }
        guard var subscription = known else { throw AWSFault.Notification.invalid("Token") }
        subscription.isConfirmed = true
        if call.caller.isSigned {
            subscription.wasConfirmedAuthenticated = true
            subscription.needsAuthenticationToUnsubscribe = try input.bool("AuthenticateOnUnsubscribe") ?? false
        }
        state.subscriptions[scope, try subscription.key] = subscription
        return ["SubscriptionArn": .string(subscription.arn)]
    }

    static let unsubscribe = write("Unsubscribe") { (input, call, state, now) throws(AWSFault) in
        let (scope, key) = try input.subscriptionKey()
        // Idempotent.
        guard let subscription = state.subscriptions[scope, key] else { return nil }
        guard call.caller.isSigned || !subscription.needsAuthenticationToUnsubscribe else {
            throw AWSFault(
                "AuthorizationErrorException", "Unsubscribing needs a signed request.",
                queryCode: "AuthorizationError", status: 403)
        }
        if !call.caller.isSigned, ["http", "https"].contains(subscription.protocolName) {
            state.sendConfirmation(of: subscription, kind: .unsubscribeConfirmation, in: scope, at: now)
        }
        state.subscriptions[scope, key] = nil
        if let topic = key.split(separator: ":").first.map(String.init), var row = state.topics[scope, topic] {
            row.deletedSubscriptions += 1
            state.topics[scope, topic] = row
        }
        return nil
    }
}
