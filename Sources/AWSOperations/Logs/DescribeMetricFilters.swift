internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let describeMetricFilters = read("DescribeMetricFilters") { (input, call, state, _) throws(AWSFault) in
        let metric = try input.string("metricName", .length(0...255))
        let namespace = try input.string("metricNamespace", .length(0...255))
        if (metric == nil) != (namespace == nil) {
            throw AWSFault.Logs.invalid("If you include the metricName or the metricNamespace, you must include both.")
        }
        let prefix = try input.namePrefix("filterNamePrefix") ?? ""
        let names: [String]
        if input.has("logGroupName") {
            let group = try input.logGroupName()
            guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
            names = state.metricFilters.names(in: call.scope, prefix: group + ":" + prefix)
        } else {
            names = state.metricFilters.names(in: call.scope)
        }
        var filters: [(key: String, group: String, filter: MetricFilter)] = []
        for key in names {
            guard let filter = state.metricFilters[call.scope, key], filter.name.hasPrefix(prefix) else { continue }
            if let metric, let namespace,
                filter.transformation.metricName != metric || filter.transformation.metricNamespace != namespace
            {
                continue
            }
            let group = String(key.prefix { $0 != ":" })
            filters.append((filter.name + ":" + group, group, filter))
        }
        filters.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let page = try Page(
            filters, name: \.key, token: try input.string("nextToken"), limit: try input.integer("limit", 1...50) ?? 50,
            invalid: AWSFault.Logs.badToken)
        let items = page.elements.map { _, group, filter -> WireValue in
            let transformation = filter.transformation
            return [
                "filterName": .string(filter.name), "filterPattern": .string(filter.pattern),
                "metricTransformations": [
                    [
                        "metricName": .string(transformation.metricName),
                        "metricNamespace": .string(transformation.metricNamespace),
                        "metricValue": .string(transformation.metricValue),
                        "defaultValue": WireValue(transformation.defaultValue),
                        "dimensions": transformation.dimensions.isEmpty ? .null : WireValue(transformation.dimensions),
                        "unit": WireValue(transformation.unit),
                    ]
                ],
                "creationTime": .milliseconds(filter.creationTime), "logGroupName": .string(group),
                "applyOnTransformedLogs": false,
            ]
        }
        return ["metricFilters": .list(items), "nextToken": WireValue(page.nextToken)]
    }
}
