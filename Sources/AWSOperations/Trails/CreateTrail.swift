internal import AWSCore
internal import AWSWire
internal import CloudTrail
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let createTrail = write("CreateTrail") { (input, call, state, _) throws(AWSFault) in
        let name = try input.required("Name")
        try Trail.check(name)
        let bucket = try input.required("S3BucketName")
        guard (3...63).contains(bucket.utf8.count) else {
            throw AWSFault("InvalidS3BucketNameException", "The bucket name \(bucket) is not valid.")
        }
        guard state.trails[call.scope, name] == nil else {
            throw AWSFault(
                "TrailAlreadyExistsException", "Trail \(name) already exists for customer: \(call.scope.account)")
        }
        guard state.trails.count(in: call.scope) < 5 else {
            throw AWSFault(
                "MaximumNumberOfTrailsExceededException",
                "User: \(call.scope.account) already has 5 trails in \(call.scope.region).")
        }
        var trail = Trail(
            name: name, arn: call.scope.arn("cloudtrail", "trail/" + name), homeRegion: call.scope.region,
            s3BucketName: bucket)
        try trail.update(input, state)
        for (key, value) in try input.tags("TagsList") { trail.tags[key] = value }
        state.trails[call.scope, name] = trail
        return .structure(trail.settings)
    }

    static let updateTrail = write("UpdateTrail") { (input, call, state, _) throws(AWSFault) in
        var (scope, trail) = try input.trail("Name", call, state)
        try trail.update(input, state)
        state.trails[scope, trail.name] = trail
        return .structure(trail.settings)
    }

    static let deleteTrail = write("DeleteTrail") { (input, call, state, now) throws(AWSFault) in
        let (scope, trail) = try input.trail("Name", call, state)
        // The deletion of a trail is the last event that the trail delivers.
        state.deleteAfterRecording(trail.name, in: scope)
        return .empty
    }
}
