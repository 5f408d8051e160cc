public import AWSCore

/// Evaluates expressions over the series of one request, all of one period.
public struct MetricMath {
    /// A value of an expression.
    public enum Value: Hashable, Sendable {
        case scalar(Double)
        /// Values by the begin of their period.
        case series([Timestamp: Double])
        case several([[Timestamp: Double]])
        case text(String)
    }

    public struct Fault: Error, Hashable, Sendable {
        public var message: String
    }

    /// The begins of the periods, in order.
    public let periods: [Timestamp]
    /// In seconds.
    public let period: Int
    /// The value of an id; nil when there is no such id.
    public let lookUp: (String) throws(Fault) -> Value?
    /// What `METRICS()` gives: the series of the metrics, with their ids.
    public let metrics: [(id: String, series: [Timestamp: Double])]

    public init(
        periods: [Timestamp], period: Int, metrics: [(id: String, series: [Timestamp: Double])],
        lookUp: @escaping (String) throws(Fault) -> Value?
    ) {
        self.periods = periods
        self.period = period
        self.metrics = metrics
        self.lookUp = lookUp
    }

    public func evaluate(_ expression: MetricExpression) throws(Fault) -> Value { try value(expression.root) }

    private func value(_ node: MetricExpression.Node) throws(Fault) -> Value {
        switch node {
        case .number(let number): return .scalar(number)
        case .text(let text): return .text(text)
        case .name(let name):
            guard let value = try lookUp(name) else {
                throw Fault(message: "there is no metric or expression `\(name)`")
            }
            return value
        case .negation(let inner): return try Self.map(value(inner)) { -$0 }
        case .list(let parts):
            var all: [[Timestamp: Double]] = []
            for part in parts { all += try series(value(part)) }
            return .several(all)
        case .binary(let symbol, let a, let b): return try combine(value(a), value(b), Self.operation(symbol))
        case .call(let name, let arguments): return try call(name, arguments)
        }
    }

    private static func operation(_ symbol: String) -> (Double, Double) -> Double? {
        switch symbol {
        case "+": { $0 + $1 }
        case "-": { $0 - $1 }
        case "*": { $0 * $1 }
        // Nothing comes of a division by zero.
        case "/": { $1 == 0 ? nil : $0 / $1 }
        case "^": { power($0, $1) }
        case "==": { $0 == $1 ? 1 : 0 }
        case "!=": { $0 != $1 ? 1 : 0 }
        case "<": { $0 < $1 ? 1 : 0 }
        case "<=": { $0 <= $1 ? 1 : 0 }
        case ">": { $0 > $1 ? 1 : 0 }
        case ">=": { $0 >= $1 ? 1 : 0 }
        case "&&": { $0 != 0 && $1 != 0 ? 1 : 0 }
        default: { $0 != 0 || $1 != 0 ? 1 : 0 }
        }
    }

    /// Whole powers only need multiplication; of others the root is taken by way of logarithms.
    private static func power(_ base: Double, _ exponent: Double) -> Double? {
        if exponent == 0.5 { return base < 0 ? nil : base.squareRoot() }
        guard exponent == exponent.rounded(), abs(exponent) <= 1024 else { return nil }
        var result = 1.0
        for _ in 0..<Int(abs(exponent)) { result *= base }
        return exponent < 0 ? (result == 0 ? nil : 1 / result) : result
    }

    // MARK: Shapes

    private static func map(_ value: Value, _ body: (Double) -> Double?) throws(Fault) -> Value {
        switch value {
        case .scalar(let number): return .scalar(body(number) ?? .nan)
        case .series(let series): return .series(series.compactMapValues(body))
        case .several(let all): return .several(all.map { $0.compactMapValues(body) })
        case .text: throw Fault(message: "a text is no value to calculate with")
        }
    }

    private func combine(_ a: Value, _ b: Value, _ body: (Double, Double) -> Double?) throws(Fault) -> Value {
        switch (a, b) {
        case (.scalar(let a), _): return try Self.map(b) { body(a, $0) }
        case (_, .scalar(let b)): return try Self.map(a) { body($0, b) }
        case (.series(let a), .series(let b)): return .series(Self.join(a, b, body))
        case (.several(let all), .series(let b)): return .several(all.map { Self.join($0, b, body) })
        case (.series(let a), .several(let all)): return .several(all.map { Self.join(a, $0, body) })
        default: throw Fault(message: "these two cannot be combined")
        }
    }

    /// Only the periods in which both have a value.
    private static func join(
        _ a: [Timestamp: Double], _ b: [Timestamp: Double], _ body: (Double, Double) -> Double?
    ) -> [Timestamp: Double] {
        var joined: [Timestamp: Double] = [:]
        for (time, value) in a { if let other = b[time] { joined[time] = body(value, other) } }
        return joined
    }

    private func series(_ value: Value) throws(Fault) -> [[Timestamp: Double]] {
        switch value {
        case .series(let series): return [series]
        case .several(let all): return all
        case .scalar(let number): return [Dictionary(uniqueKeysWithValues: periods.map { ($0, number) })]
        case .text: throw Fault(message: "a text is no series")
        }
    }

    // MARK: Functions

    private func call(_ name: String, _ nodes: [MetricExpression.Node]) throws(Fault) -> Value {
        if name == "FILL" { return try fill(nodes) }
        var arguments: [Value] = []
        for node in nodes { arguments.append(try value(node)) }
        func need(_ count: ClosedRange<Int>) throws(Fault) {
            guard count.contains(arguments.count) else {
                throw Fault(message: "\(name) takes \(count.lowerBound) to \(count.upperBound) arguments")
            }
        }
        switch name {
        case "METRICS":
            try need(0...1)
            guard case .text(let part)? = arguments.first else { return .several(metrics.map(\.series)) }
            return .several(metrics.filter { $0.id.contains(part) }.map(\.series))
        case "ABS", "CEIL", "FLOOR":
            try need(1...1)
            return try Self.map(arguments[0]) {
                name == "ABS" ? abs($0) : $0.rounded(name == "CEIL" ? .up : .down)
            }
        case "SUM", "AVG", "MIN", "MAX", "STDDEV", "DATAPOINT_COUNT":
            try need(1...1)
            return Self.fold(name, arguments[0])
        case "FIRST", "LAST":
            try need(1...1)
            let all = try series(arguments[0])
            guard let chosen = name == "FIRST" ? all.first : all.last else {
                throw Fault(message: "\(name) of nothing")
            }
            return .series(chosen)
        case "METRIC_COUNT":
            try need(1...1)
            return .scalar(Double(try series(arguments[0]).count))
        case "PERIOD":
            try need(1...1)
            return .scalar(Double(period))
        case "TIME_SERIES":
            try need(1...1)
            return .series(try series(arguments[0]).first ?? [:])
        case "RATE", "DIFF", "DIFF_TIME", "RUNNING_SUM", "MINUTE", "HOUR", "DAY":
            try need(1...1)
            let all = try series(arguments[0]).map { Self.along(name, $0) }
            return all.count == 1 ? .series(all[0]) : .several(all)
        case "IF":
            try need(2...3)
            return try condition(arguments)
        default: throw Fault(message: "there is no function \(name)")
        }
    }

    /// Of one series, a figure over all its values; of several, a series of figures over those of one period.
    private static func fold(_ name: String, _ value: Value) -> Value {
        func figure(_ values: [Double]) -> Double {
            let sum = values.reduce(0, +)
            let count = Double(values.count)
            switch name {
            case "SUM": return sum
            case "AVG": return sum / count
            case "MIN": return values.min() ?? .nan
            case "MAX": return values.max() ?? .nan
            case "DATAPOINT_COUNT": return count
            default:
                let mean = sum / count
                return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
            }
        }
        switch value {
        case .scalar(let number): return .scalar(figure([number]))
        case .series(let series): return .scalar(series.isEmpty ? .nan : figure(Array(series.values)))
        case .several(let all):
            var values: [Timestamp: [Double]] = [:]
            for series in all { for (time, value) in series { values[time, default: []].append(value) } }
            return .series(values.mapValues(figure))
        case .text: return .scalar(.nan)
        }
    }

    /// What depends on the value before, or on the time.
    private static func along(_ name: String, _ series: [Timestamp: Double]) -> [Timestamp: Double] {
        var result: [Timestamp: Double] = [:]
        var last: (time: Timestamp, value: Double)?
        var sum = 0.0
        for (time, value) in series.sorted(by: { $0.key < $1.key }) {
            let civil = CivilTime(time)
            sum += value
            switch name {
            case "RUNNING_SUM": result[time] = sum
            case "MINUTE": result[time] = Double(civil.minute)
            case "HOUR": result[time] = Double(civil.hour)
            // Monday is 1 and Sunday 7; the first of January 1970 was a Thursday.
            case "DAY": result[time] = Double((time.seconds / 86_400 + 3) % 7 + 1)
            default:
                guard let before = last else { break }
                let seconds = time.seconds(since: before.time)
                result[time] =
                    name == "DIFF"
                    ? value - before.value
                    : name == "DIFF_TIME" ? seconds : (value - before.value) / seconds
            }
            last = (time, value)
        }
        return result
    }

    private func condition(_ arguments: [Value]) throws(Fault) -> Value {
        func at(_ value: Value, _ time: Timestamp) -> Double? {
            switch value {
            case .scalar(let number): number
            case .series(let series): series[time]
            default: nil
            }
        }
        if case .scalar(let holds) = arguments[0] {
            if holds != 0 { return arguments[1] }
            return arguments.count > 2 ? arguments[2] : .series([:])
        }
        guard case .series(let condition) = arguments[0] else {
            throw Fault(message: "the condition of IF is a series or a number")
        }
        var result: [Timestamp: Double] = [:]
        for (time, holds) in condition {
            if holds != 0 {
                result[time] = at(arguments[1], time)
            } else if arguments.count > 2 {
                result[time] = at(arguments[2], time)
            }
        }
        return .series(result)
    }

    /// Gives periods without a value one: a number, the value of another series, the one before, or one between.
    private func fill(_ nodes: [MetricExpression.Node]) throws(Fault) -> Value {
        guard nodes.count == 2 else { throw Fault(message: "FILL takes 2 arguments") }
        let filled = try value(nodes[0])
        let all = try series(filled)
        var result: [[Timestamp: Double]] = []
        for series in all { result.append(try fill(series, nodes[1])) }
        if case .several = filled { return .several(result) }
        return .series(result.first ?? [:])
    }

    private func fill(_ series: [Timestamp: Double], _ by: MetricExpression.Node) throws(Fault) -> [Timestamp: Double] {
        var result = series
        switch by {
        case .name("REPEAT"):
            var last: Double?
            for time in periods {
                if let value = series[time] { last = value } else { result[time] = last }
            }
        case .name("LINEAR"):
            let known = periods.indices.filter { series[periods[$0]] != nil }
            for (a, b) in zip(known, known.dropFirst()) {
                guard let from = series[periods[a]], let to = series[periods[b]] else { continue }
                for i in a + 1..<max(a + 1, b) {
                    result[periods[i]] = from + (to - from) * Double(i - a) / Double(b - a)
                }
            }
        default:
            let filler = try value(by)
            for time in periods where series[time] == nil {
                switch filler {
                case .scalar(let number): result[time] = number
                case .series(let other): result[time] = other[time]
                default: throw Fault(message: "FILL takes a number, a series, REPEAT or LINEAR")
                }
            }
        }
        return result
    }
}
