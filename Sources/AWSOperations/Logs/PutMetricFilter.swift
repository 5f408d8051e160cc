internal import AWSCore
internal import AWSWire
internal import FilterPattern
internal import LogGroups
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putMetricFilter = write("PutMetricFilter") { (input, call, state, now) throws(AWSFault) in
        let group = try input.logGroupName()
        let name = try input.filterName()
        let (text, pattern) = try input.filterPattern()
        let transformation = try MetricTransformation(input, pattern: pattern)
        guard state.logGroups[call.scope, group] != nil else { throw AWSFault.Logs.noGroup }
        let key = group + ":" + name
        let isNew = state.metricFilters[call.scope, key] == nil
        if isNew, state.metricFilters.names(in: call.scope, prefix: group + ":").count >= MetricFilter.mostPerGroup {
            throw AWSFault.Logs.limit
        }
        state.metricFilters[call.scope, key] = MetricFilter(
            name: name, pattern: text, transformation: transformation, creationTime: now)
        state.filtersChanged(of: group, in: call.scope)
        return nil
    }
}

extension MetricTransformation {
    /// Reads the one transformation that a metric filter has.
    fileprivate init(_ input: WireReader, pattern: FilterPattern) throws(AWSFault) {
        guard input.has("metricTransformations") else { throw input.missing("metricTransformations") }
        let list = try input.list("metricTransformations")
        if list.count != 1 {
            let words = list.isEmpty ? "greater" : "less"
            var texts: [String] = []
            for item in list {
                func shown(_ name: String) throws(AWSFault) -> String { try item.string(name) ?? "null" }
                texts.append(
                    "MetricTransformation(metricName=\(try shown("metricName")), "
                        + "metricNamespace=\(try shown("metricNamespace")), metricValue=\(try shown("metricValue")), "
                        + "defaultValue=\(try shown("defaultValue")), unit=\(try shown("unit")), dimensions=null)")
            }
            throw AWSFault.Logs.invalid(
                "1 validation error detected: Value '[\(texts.joined(separator: ", "))]' at 'metricTransformations' "
                    + "failed to satisfy constraint: Member must have length \(words) than or equal to 1")
        }
        let item = list[0]
        let plain = Constraint.pattern("[^:*$]*", { !$0.contains { ":*$".contains($0) } })
        let namespace = try item.required("metricNamespace", .length(0...255))
        if namespace.contains("*") || namespace.contains("$") {
            _ = try item.required("metricNamespace", plain)
        }
        guard namespace != ExceptionRules.namespace else {
            throw AWSFault.Logs.invalid(
                "The namespace \(namespace) is that of what this server says of itself; publish to another.")
        }
        self.init(
            metricName: try item.required("metricName", .length(0...255), plain), metricNamespace: namespace,
            metricValue: try item.required("metricValue", .length(0...100)),
            defaultValue: try item.double("defaultValue"), unit: try item.string("unit"),
            dimensions: try item.map("dimensions"))
        guard Double(metricValue) != nil || metricValue.hasPrefix("$") else {
            throw AWSFault.Logs.invalid("Invalid metric transformation: metricValue is neither a number nor a field.")
        }
        guard defaultValue?.isFinite ?? true else {
            throw AWSFault.Logs.invalid("Invalid metric transformation: defaultValue must be a finite number.")
        }
        guard dimensions.count <= 3 else { throw AWSFault.Logs.invalid("At most 3 dimensions are allowed.") }
        if !dimensions.isEmpty, defaultValue != nil {
            throw AWSFault.Logs.invalid(
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
        }
    }
}
