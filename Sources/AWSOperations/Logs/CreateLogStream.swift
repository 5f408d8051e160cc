internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let createLogStream = write("CreateLogStream") { (input, call, state, now) throws(AWSFault) in
        let group = try input.logGroupName()
        let stream = try input.logStreamName()
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        guard state.logStreams[call.scope, group + ":" + stream] == nil else { throw AWSFault.Logs.streamExists }
        state.logStreams[call.scope, group + ":" + stream] = LogStream(name: stream, creationTime: now)
        return nil
    }
}
