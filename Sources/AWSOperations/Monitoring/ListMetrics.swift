internal import AWSCore
internal import AWSWire
internal import Metrics
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let listMetrics = data("ListMetrics") { (input, call) throws(AWSFault) in
        let namespace = try input.string("Namespace")
        let name = try input.string("MetricName")
        var wanted: [(name: String, value: String?)] = []
        for item in try input.list("Dimensions", 0...10) {
            wanted.append((try item.required("Name"), try item.string("Value")))
        }
        let isRecent = try input.string("RecentlyActive") == "PT3H"
        let metrics = try call.perform { (state, now) throws(AWSFault) in
            let oldest = now.minute - (isRecent ? 3 * 60 : 14 * 1440)
            return state.metrics(in: call.scope).filter { metric, newest in
                newest >= oldest && (namespace ?? metric.namespace) == metric.namespace
                    && (name ?? metric.name) == metric.name
                    && wanted.allSatisfy { dimension in
                        metric.dimensions.contains {
                            $0.name == dimension.name && (dimension.value ?? $0.value) == $0.value
                        }
                    }
            }.map(\.metric)
        }
        var first = 0
        if let token = try input.string("NextToken") {
            guard let number = Int(token), number >= 0 else { throw AWSFault.Monitoring.badParameterToken }
            first = number
        }
        let page = metrics.dropFirst(first).prefix(500)
        let next = first + page.count < metrics.count ? String(first + page.count) : nil
        let items = page.map { metric -> WireValue in
            [
                "Namespace": .string(metric.namespace), "MetricName": .string(metric.name),
                "Dimensions": metric.dimensionValues,
            ]
        }
        return ["Metrics": .list(items), "NextToken": WireValue(next)]
    }
}
