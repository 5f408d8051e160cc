internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let deleteMetricFilter = write("DeleteMetricFilter") { (input, call, state, _) throws(AWSFault) in
        let group = try input.logGroupName()
        let key = group + ":" + (try input.filterName())
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        guard state.metricFilters[call.scope, key] != nil else { throw AWSFault.Logs.noFilter }
        state.metricFilters[call.scope, key] = nil
        state.filtersChanged(of: group, in: call.scope)
        return nil
    }
}
