internal import AWSWire
internal import CloudTrail
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let addTags = write("AddTags") { (input, call, state, _) throws(AWSFault) in
        var (scope, trail) = try input.trail("ResourceId", call, state)
        for (key, value) in try input.tags("TagsList") { trail.tags[key] = value }
        guard trail.tags.count <= 50 else {
            throw AWSFault("TagsLimitExceededException", "A trail can have no more than 50 tags.")
        }
        state.trails[scope, trail.name] = trail
        return .empty
    }

    static let removeTags = write("RemoveTags") { (input, call, state, _) throws(AWSFault) in
        var (scope, trail) = try input.trail("ResourceId", call, state)
        for (key, _) in try input.tags("TagsList") { trail.tags[key] = nil }
        state.trails[scope, trail.name] = trail
        return .empty
    }

    static let listTags = read("ListTags") { (input, call, state, _) throws(AWSFault) in
        var items: [WireValue] = []
        for name in try input.strings("ResourceIdList", 1...20) {
            guard let (_, trail) = state.trail(name, call) else {
                throw AWSFault("ResourceNotFoundException", "There is no trail \(name).")
            }
            items.append(["ResourceId": .string(trail.arn), "TagsList": .tagList(trail.tags)])
        }
        return ["ResourceTagList": .list(items)]
    }
}
