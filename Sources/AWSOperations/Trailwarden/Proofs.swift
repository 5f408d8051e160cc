internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    /// Makes a stream whose events can be taken back.
    static let beginProof = data("BeginProof") { (input, call) throws(AWSFault) in
        let group = try input.logGroupName()
        let stream = try input.logStreamName()
        try call.perform { (state, now) throws(AWSFault) in
            guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
            guard state.logStreams[call.scope, group + ":" + stream] == nil else { throw AWSFault.Logs.streamExists }
            state.beginProof(stream, of: group, in: call.scope, at: now)
        }
        return nil
    }

    /// Takes back the events of such a stream, what they have counted, and the alarms they have rung.
    static let endProof = data("EndProof") { (input, call) throws(AWSFault) in
        let group = try input.logGroupName()
        let stream = try input.logStreamName()
        try call.perform { (state, now) throws(AWSFault) in
            guard state.endProof(stream, of: group, in: call.scope, at: now) else { throw AWSFault.Logs.noStream }
        }
        return nil
    }

    /// What became of the messages of a topic, in order.
    static let describeDeliveries = data("DescribeDeliveries") { (input, call) throws(AWSFault) in
        let topic = try input.required("topicArn", .length(1...2048))
        let start = try input.integer("startTime", 0...Int.max).map { Timestamp(milliseconds: Int64($0)) }
        let page = try JournalPage(
            token: try input.string("nextToken"), limit: 100, invalid: AWSFault.Monitoring.badToken)
        guard let arn = ARN(topic) else { throw AWSFault.Logs.invalid("topicArn is no ARN.") }
        let scope = Scope(account: arn.account, region: arn.region)
        guard arn.account == call.scope.account else { throw AWSFault.Logs.invalid("topicArn is of another account.") }
        try call.perform { (state, now) throws(AWSFault) in
            try page.read(
                state, PipelineState.deliveryJournal, in: scope, subject: topic,
                from: start ?? Timestamp(milliseconds: 0), to: now, newestFirst: false
            ) { _ in true }
        }
        let deliveries = page.entries.map { entry -> WireValue in
            let body = JSONWire.parse(entry.body) ?? .empty
            return .structure([WireMember("time", .milliseconds(entry.time))] + body.members)
        }
        return ["deliveries": .list(deliveries), "nextToken": WireValue(page.nextToken)]
    }
}
