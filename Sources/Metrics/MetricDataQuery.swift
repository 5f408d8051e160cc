public import AWSCore

/// One query of a request for data, or of an alarm: a statistic of a metric, or an expression over others.
public struct MetricDataQuery: Codable, Sendable {
    public struct Stat: Codable, Sendable {
        public var metric: Metric
        public var period: Int
        /// The name in the API: `Sum`, or `p95`.
        public var name: String
        public var unit: String?

        public init(metric: Metric, period: Int, name: String, unit: String?) {
            self.metric = metric
            self.period = period
            self.name = name
            self.unit = unit
        }
    }

    public var id: String
    public var label: String?
    public var returnsData: Bool
    public var stat: Stat?
    public var expression: String?
    /// Of an expression.
    public var period: Int?

    public init(
        id: String, label: String?, returnsData: Bool, stat: Stat?, expression: String?, period: Int?
    ) {
        self.id = id
        self.label = label
        self.returnsData = returnsData
        self.stat = stat
        self.expression = expression
        self.period = period
    }
}

/// Several queries that may name each other, with the data they are about.
public struct MetricDataRequest {
    private let queries: [MetricDataQuery]
    private let periods: [Timestamp]
    private let period: Int
    private let read: (MetricDataQuery.Stat) -> [Timestamp: Double]

    /// - Parameter read: the values of a statistic by the begin of each period.
    public init(
        _ queries: [MetricDataQuery], periods: [Timestamp], period: Int,
        read: @escaping (MetricDataQuery.Stat) -> [Timestamp: Double]
    ) {
        self.queries = queries
        self.periods = periods
        self.period = period
        self.read = read
    }

    /// What a query gives: one series, or several for an expression over several metrics.
    ///
    /// - Throws: a fault in an expression, or a circle of them.
    public func series(of query: MetricDataQuery) throws(MetricMath.Fault) -> [[Timestamp: Double]] {
        switch try value(query, open: []) {
        case .series(let series): return [series]
        case .several(let all): return all
        case .scalar, .text:
            throw MetricMath.Fault(message: "the expression `\(query.expression ?? "")` gives no series")
        }
    }

    private func value(_ query: MetricDataQuery, open: Set<String>) throws(MetricMath.Fault) -> MetricMath.Value {
        if let stat = query.stat { return .series(read(stat)) }
        guard !open.contains(query.id), open.count < 100 else {
            throw MetricMath.Fault(message: "the expression `\(query.id)` refers to itself")
        }
        let expression: MetricExpression
        do throws(MetricExpression.Fault) {
            expression = try MetricExpression(query.expression ?? "")
        } catch {
            throw MetricMath.Fault(
                message: "\(query.expression ?? ""), at character \(error.place + 1): \(error.message)")
        }
        let all = queries.compactMap { query in query.stat.map { (id: query.id, series: read($0)) } }
        let math = MetricMath(periods: periods, period: period, metrics: expression.namesAllMetrics ? all : []) {
            (id) throws(MetricMath.Fault) in
            guard let named = queries.first(where: { $0.id == id }) else { return nil }
            return try value(named, open: open.union([query.id]))
        }
        return try math.evaluate(expression)
    }
}
