internal import AWSCore
internal import AWSWire
internal import LogGroups
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putMetricData = data("PutMetricData") { (input, call) throws(AWSFault) in
        let namespace = try input.required("Namespace", .length(1...255))
        guard !namespace.hasPrefix(":") else {
            throw AWSFault.Monitoring.value("The value \(namespace) for parameter Namespace is invalid.")
        }
        guard namespace != ExceptionRules.namespace else {
            throw AWSFault.Monitoring.value(
                "The namespace \(namespace) is that of what this server says of itself; publish to another.")
        }
        let now = call.pipeline.clock.now
        var data: [MetricDatum] = []
        for (i, item) in try input.list("MetricData", 0...1000).enumerated() {
            data.append(try MetricDatum(item, number: i + 1, namespace: namespace, now: now))
        }
        try call.perform { (state, _) throws(AWSFault) in
            for datum in data {
                state.publish(
                    datum.aggregate, to: datum.metric, unit: datum.unit, minute: datum.time.minute, in: call.scope)
            }
        }
        return nil
    }
}

private struct MetricDatum {
    let metric: Metric
    let unit: String
    let time: Timestamp
    let aggregate: PeriodAggregate

    init(_ item: WireReader, number: Int, namespace: String, now: Timestamp) throws(AWSFault) {
        metric = Metric(
            namespace: namespace, name: try item.required("MetricName", .length(1...255)),
            dimensions: try item.dimensions())
        unit = try item.string("Unit", WireReader.units) ?? "None"
        time = try item.timestamp("Timestamp") ?? now
        let place = "MetricData.member.\(number)"
        guard time <= now.advanced(bySeconds: 7200), time >= now.advanced(bySeconds: -14 * 86_400) else {
            throw AWSFault.Monitoring.value(
                "The parameter \(place).Timestamp must specify a time within the past two weeks and the next two hours."
            )
        }
        func both(_ a: String, _ b: String) -> AWSFault {
            AWSFault.Monitoring.combination(
                "The parameters \(place).\(a) and \(place).\(b) are mutually exclusive and you have specified both.")
        }
        let value = try item.double("Value")
        let values = try item.doubles("Values")
        let counts = try item.doubles("Counts")
        let set = try item.structure("StatisticValues")
        if value != nil, !values.isEmpty { throw both("Value", "Values") }
        if value != nil, set != nil { throw both("Value", "StatisticValues") }
        if !values.isEmpty, set != nil { throw both("Values", "StatisticValues") }
        for number in [value].compactMap(\.self) + values + counts
        where !number.isFinite || abs(number) > 0x1p360 {
            let shown = number.isNaN ? "NaN" : String(number)
            throw AWSFault.Monitoring.value("The value \(shown) for parameter \(place).Value is invalid.")
        }
        if let value {
            aggregate = PeriodAggregate(value: value)
        } else if let set {
            func figure(_ name: String) throws(AWSFault) -> Double {
                guard let number = try set.double(name) else { throw set.missing(name) }
                guard number.isFinite, abs(number) <= 0x1p360 else {
                    throw AWSFault.Monitoring.value(
                        "The value \(number) for parameter \(place).StatisticValues.\(name) is invalid.")
                }
                return number
            }
            let minimum = try figure("Minimum")
            let maximum = try figure("Maximum")
            let count = try figure("SampleCount")
            aggregate =
                minimum == maximum && count > 0
                ? PeriodAggregate(value: minimum, count: count)
                : PeriodAggregate(sampleCount: count, sum: try figure("Sum"), minimum: minimum, maximum: maximum)
        } else if let first = values.first {
            guard counts.isEmpty || counts.count == values.count else {
                throw AWSFault.Monitoring.value(
                    "The parameters \(place).Values and \(place).Counts must be of the same size.")
            }
            var sum = PeriodAggregate(value: first, count: counts.first ?? 1)
            for (i, value) in values.enumerated().dropFirst() {
                sum.merge(PeriodAggregate(value: value, count: counts.isEmpty ? 1 : counts[i]))
            }
            aggregate = sum
        } else {
            throw AWSFault(
                "MissingRequiredParameterException",
                "The parameter \(place).Value is required.", queryCode: "MissingParameter")
        }
    }
}
