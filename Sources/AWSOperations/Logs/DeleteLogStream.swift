internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteLogStream = write("DeleteLogStream") { (input, call, state, _) throws(AWSFault) in
        let group = try input.logGroupName()
        let stream = try input.logStreamName()
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        guard state.logStreams[call.scope, group + ":" + stream] != nil else { throw AWSFault.Logs.noStream }
        state.deleteLogStream(stream, of: group, in: call.scope)
        return nil
    }
}
