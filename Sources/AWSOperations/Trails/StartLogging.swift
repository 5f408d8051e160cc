internal import AWSCore
internal import AWSWire
internal import CloudTrail
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let startLogging = write("StartLogging") { (input, call, state, now) throws(AWSFault) in
        var (scope, trail) = try input.trail("Name", call, state)
        trail.isLogging = true
        trail.startedLogging = now
        state.trails[scope, trail.name] = trail
        return .empty
    }

    /// The call itself is still delivered: that someone has stopped the trail is what its readers must know.
    static let stopLogging = write("StopLogging") { (input, call, state, now) throws(AWSFault) in
        var (scope, trail) = try input.trail("Name", call, state)
        trail.isLogging = false
        trail.stoppedLogging = now
        state.changeAfterRecording(trail, in: scope)
        return .empty
    }
}
