import AWSCore
import Metrics
import Testing

@Suite struct `Metric math` {
    private let periods = (0..<4).map { Timestamp(seconds: Int64($0) * 60) }

    private func series(_ values: Double?...) -> [Timestamp: Double] {
        var series: [Timestamp: Double] = [:]
        for (i, value) in values.enumerated() { series[periods[i]] = value }
        return series
    }

    private func evaluate(_ text: String) throws -> MetricMath.Value {
        let known = ["a": series(1, 2, nil, 4), "b": series(10, nil, 30, 0)]
        let metrics = known.sorted { $0.key < $1.key }.map { (id: $0.key, series: $0.value) }
        let math = MetricMath(periods: periods, period: 60, metrics: metrics) { (id) throws(MetricMath.Fault) in
            known[id].map { .series($0) }
        }
        return try math.evaluate(MetricExpression(text))
    }

    @Test func `calculates where both have a value, and gives nothing for a division by zero`() throws {
        #expect(try evaluate("a + b * 2") == .series(series(21, nil, nil, 4)))
        #expect(try evaluate("a / b") == .series(series(0.1, nil, nil, nil)))
        #expect(try evaluate("-(a) + 2 ^ 3") == .series(series(7, 6, nil, 4)))
        #expect(try evaluate("a > 1 AND a < 4") == .series(series(0, 1, nil, 0)))
        #expect(try evaluate("2 + 3 * 4 - 6 / 2") == .scalar(11))
    }

    @Test func `adds up one series to a number, and several to a series`() throws {
        #expect(try evaluate("SUM(a)") == .scalar(7))
        #expect(try evaluate("SUM([a, b])") == .series(series(11, 2, 30, 4)))
        #expect(try evaluate("MAX(METRICS())") == .series(series(10, 2, 30, 4)))
        #expect(try evaluate("METRIC_COUNT(METRICS(\"a\"))") == .scalar(1))
        #expect(try evaluate("AVG(b)") == .scalar(40.0 / 3))
    }

    @Test func `fills, chooses and differentiates`() throws {
        #expect(try evaluate("FILL(a, 0)") == .series(series(1, 2, 0, 4)))
        #expect(try evaluate("FILL(a, REPEAT)") == .series(series(1, 2, 2, 4)))
        #expect(try evaluate("FILL(a, LINEAR)") == .series(series(1, 2, 3, 4)))
        #expect(try evaluate("IF(a > 1, b, -1)") == .series(series(-1, nil, nil, 0)))
        #expect(try evaluate("RATE(a)") == .series(series(nil, 1.0 / 60, nil, 2.0 / 120)))
        #expect(try evaluate("RUNNING_SUM(a)") == .series(series(1, 3, nil, 7)))
    }

    @Test(arguments: ["", "a +", "(a", "SUM(a", "a b", "a $ b", "\"x", "1.2.3", "[a"])
    func `that is malformed is refused with its place`(text: String) {
        #expect(throws: MetricExpression.Fault.self) { try MetricExpression(text) }
    }

    @Test func `that names what is not there says so`() {
        #expect { try evaluate("a + c") } throws: {
            ($0 as? MetricMath.Fault)?.message.contains("`c`") == true
        }
        #expect(throws: MetricMath.Fault.self) { try evaluate("NOPE(a)") }
    }

    @Test func `of expressions in a circle is refused`() {
        let queries = [("x", "y"), ("y", "x")].map {
            MetricDataQuery(id: $0.0, label: nil, returnsData: true, stat: nil, expression: $0.1, period: nil)
        }
        let request = MetricDataRequest(queries, periods: periods, period: 60) { _ in [:] }
        #expect(throws: MetricMath.Fault.self) { try request.series(of: queries[0]) }
    }
}
