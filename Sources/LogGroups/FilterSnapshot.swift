public import AWSCore
internal import Controls
internal import Dispatch
public import FilterPattern
public import JSONText
public import Metrics
internal import TrailMatcher

/// The metric filters of a log group as one machine, built aside and used whole: whoever ingests events sees either all
/// of a change to the filters or nothing of it.
public final class FilterSnapshot: Sendable {
    /// What a filter publishes of a minute.
    public struct Datum: Sendable {
        public var metric: Metric
        public var unit: String
        public var minute: Int64
        public var aggregate: PeriodAggregate
        /// The first of the events that it counts.
        public var evidence: [Evidence] = []
        /// Whether it stands for the absence of matches, and counts only if nothing was published.
        public var isDefault: Bool

        public init(
            metric: Metric, unit: String, minute: Int64, aggregate: PeriodAggregate, evidence: [Evidence] = [],
            isDefault: Bool = false
        ) {
            self.metric = metric
            self.unit = unit
            self.minute = minute
            self.aggregate = aggregate
            self.evidence = evidence
            self.isDefault = isDefault
        }
    }

    private struct Publisher: Sendable {
        let transformation: MetricTransformation
        let constant: Double?
        /// Where the value, and that of each dimension, is found among the captures of the matcher.
        let value: Source
        let dimensions: [(name: String, source: Source)]
        /// The controls that it serves, if any of them has exceptions: the places of patterns in the matcher.
        let served: [(required: Int, exceptions: [(pattern: Int, exception: ControlException)])]
    }

    private enum Source: Sendable {
        case capture(Int)
        /// Of a space-delimited pattern, with its dollar sign.
        case field(String)
        case none
    }

    private let matcher: TrailMatcher
    private let publishers: [Publisher]
    private let idle = IdleContexts()
    /// Where the values of `reading` are among the captures of the matcher.
    private let read: [Int]

    /// - Parameters:
    ///   - filters: with legal patterns; others are left out.
    ///   - exceptions: what keeps matches from counting.
    ///   - reading: values that a `Collector` gives of each event.
    public init(_ filters: [MetricFilter], exceptions: ExceptionRules = .none, reading: [Selector] = []) {
        var patterns: [FilterPattern] = []
        var publishers: [Publisher] = []
        var captures: [Selector] = []
        func source(_ text: String) -> Source {
            guard text.hasPrefix("$") else { return .none }
            guard text.hasPrefix("$.") || text.hasPrefix("$[") else { return .field(text) }
            guard let selector = Selector(text: text) else { return .none }
            if let known = captures.firstIndex(of: selector) { return .capture(known) }
            captures.append(selector)
            return .capture(captures.count - 1)
        }
        let legal = filters.compactMap { filter in (try? FilterPattern(filter.pattern)).map { (filter, $0) } }
        // Behind the patterns of the filters stand those that decide about exceptions.
        var others: [FilterPattern] = []
        func place(_ pattern: FilterPattern) -> Int {
            if let known = others.firstIndex(of: pattern) { return legal.count + known }
            others.append(pattern)
            return legal.count + others.count - 1
        }
        for (filter, pattern) in legal {
            patterns.append(pattern)
            let served = exceptions.served(by: pattern).map { control in
                (place(control.required), control.exceptions.map { (pattern: place($0.pattern), exception: $0) })
            }
            let transformation = filter.transformation
            publishers.append(
                Publisher(
                    transformation: transformation, constant: Double(transformation.metricValue),
                    value: source(transformation.metricValue),
                    dimensions: transformation.dimensions.sorted { $0.key < $1.key }.map { ($0.key, source($0.value)) },
                    served: served))
        }
        read = reading.map { selector in
            if let known = captures.firstIndex(of: selector) { return known }
            captures.append(selector)
            return captures.count - 1
        }
        matcher = TrailMatcher(patterns + others, captures: captures)
        self.publishers = publishers
    }

    public var isEmpty: Bool { publishers.isEmpty }

    /// What the filters publish of the events.
    ///
    /// - Parameter evidenceStart: events from this time on are evidence for alarms.
    public func data(
        of events: [LogEvent], evidenceFrom evidenceStart: Timestamp = Timestamp(milliseconds: .max)
    ) -> [Datum] {
        guard !isEmpty, !events.isEmpty else { return [] }
        let collector = Collector(self, evidenceFrom: evidenceStart)
        for event in events {
            var message = event.message
            message.withUTF8 {
                collector.match(UnsafeRawBufferPointer($0))
                collector.publish(UnsafeRawBufferPointer($0), at: event.time)
            }
        }
        return collector.finish()
    }

    /// Collects what the filters publish of events, one after the other, as bytes. For one thread.
    public final class Collector {
        private let snapshot: FilterSnapshot
        private let context: MatchContext
        private var data: [Key: PeriodAggregate] = [:]
        private var evidence: [Key: [Evidence]] = [:]
        private var minutes: Set<Int64> = []
        private let evidenceStart: Timestamp

        public init(
            _ snapshot: FilterSnapshot, evidenceFrom evidenceStart: Timestamp = Timestamp(milliseconds: .max)
        ) {
            self.snapshot = snapshot
            self.evidenceStart = evidenceStart
            context = snapshot.idle.take() ?? MatchContext(snapshot.matcher)
        }

        deinit { snapshot.idle.putBack(context) }

        public func match(_ message: UnsafeRawBufferPointer) { context.match(message) }
        /// The same for an event that is a part of an indexed text.
        public func match(_ range: Range<Int>, of view: JSONView) { context.match(range, of: view) }
        /// The same for the event that begins at `start`, if it is whole there; gives its end, or -1.
        public func match(objectAt start: Int, of view: JSONView, limit: Int) -> Int {
            context.match(objectAt: start, of: view, limit: limit)
        }

        /// Whether the event that was matched last holds bytes that are no UTF-8, and was read with them replaced.
        public var wasRepaired: Bool { context.wasRepaired }

        /// A value that the snapshot reads, of the event that was matched last; nil when it is no string.
        public func value(_ number: Int) -> UnsafeBufferPointer<UInt8>? { context.capture(snapshot.read[number]).text }

        /// Publishes what the event that was matched last gives, at its time.
        public func publish(_ message: UnsafeRawBufferPointer, at time: Timestamp) {
            minutes.insert(time.minute)
            for match in context.matches where Int(match) < snapshot.publishers.count {
                if let exception = snapshot.exception(from: Int(match), context, time) {
                    snapshot.count(exception, time.minute, &data)
                    continue
                }
                guard let key = snapshot.publish(Int(match), context, time.minute, &data) else { continue }
                guard time >= evidenceStart, evidence[key, default: []].count < FilterSnapshot.mostEvidence else {
                    continue
                }
                evidence[key, default: []].append(Evidence(message, at: time))
            }
        }

        /// All that was published since it was made, or finished last.
        public func finish() -> [Datum] {
            defer {
                data = [:]
                evidence = [:]
                minutes = []
            }
            return snapshot.data(data, evidence, minutes)
        }
    }

    /// So many events of a minute are kept as evidence for a metric.
    public static let mostEvidence = 10

    private func data(
        _ data: [Key: PeriodAggregate], _ evidence: [Key: [Evidence]], _ minutes: Set<Int64>
    ) -> [Datum] {
        var published = data.map { key, aggregate in
            Datum(
                metric: key.metric, unit: key.unit, minute: key.minute, aggregate: aggregate,
                evidence: evidence[key] ?? [], isDefault: false)
        }
        for publisher in publishers {
            guard let value = publisher.transformation.defaultValue else { continue }
            let metric = metric(publisher.transformation, [])
            let unit = publisher.transformation.unit ?? "None"
            for minute in minutes where data[Key(metric: metric, unit: unit, minute: minute)] == nil {
                published.append(
                    Datum(
                        metric: metric, unit: unit, minute: minute, aggregate: PeriodAggregate(value: value),
                        isDefault: true))
            }
        }
        return published
    }

    fileprivate struct Key: Hashable {
        var metric: Metric
        var unit: String
        var minute: Int64
    }

    private func publish(
        _ number: Int, _ context: MatchContext, _ minute: Int64, _ data: inout [Key: PeriodAggregate]
    ) -> Key? {
        let publisher = publishers[number]
        var fields: [String: String]?
        func text(_ source: Source) -> String? {
            switch source {
            case .capture(let number): return context.capture(number).text.map { String(decoding: $0, as: UTF8.self) }
            case .field(let name):
                if fields == nil { fields = context.extractedFields(of: number) }
                return fields?[name]
            case .none: return nil
            }
        }
        guard let value = publisher.constant ?? text(publisher.value).flatMap(Double.init), value.isFinite else {
            return nil
        }
        var dimensions: [Dimension] = []
        for (name, source) in publisher.dimensions {
            guard let value = text(source) else { return nil }
            dimensions.append(Dimension(name: name, value: value))
        }
        let key = Key(
            metric: metric(publisher.transformation, dimensions), unit: publisher.transformation.unit ?? "None",
            minute: minute)
        let aggregate = PeriodAggregate(value: value)
        if data[key]?.merge(aggregate) == nil { data[key] = aggregate }
        return key
    }

    /// The exception by which a match does not count; nil when it counts.
    private func exception(from number: Int, _ context: MatchContext, _ time: Timestamp) -> ControlException? {
        let served = publishers[number].served
        guard !served.isEmpty else { return nil }
        func matches(_ pattern: Int) -> Bool { context.matches.contains { Int($0) == pattern } }
        var found: ControlException?
        for control in served where matches(control.required) {
            guard
                let (_, exception) = control.exceptions.first(where: {
                    $0.exception.expires > time && matches($0.pattern)
                })
            else { return nil }
            found = found ?? exception
        }
        return found
    }

    private func count(_ exception: ControlException, _ minute: Int64, _ data: inout [Key: PeriodAggregate]) {
        let metric = Metric(
            namespace: ExceptionRules.namespace, name: ExceptionRules.metricName,
            dimensions: [
                Dimension(name: "Control", value: exception.control),
                Dimension(name: "Exception", value: exception.name),
            ])
        let key = Key(metric: metric, unit: "Count", minute: minute)
        let one = PeriodAggregate(value: 1)
        if data[key]?.merge(one) == nil { data[key] = one }
    }

    private func metric(_ transformation: MetricTransformation, _ dimensions: [Dimension]) -> Metric {
        Metric(
            namespace: transformation.metricNamespace, name: transformation.metricName, dimensions: dimensions)
    }
}

/// Contexts that no thread uses at present.
private final class IdleContexts: @unchecked Sendable {
    private let lock = DispatchSemaphore(value: 1)
    // Invariant: touched only by the one that has passed the semaphore.
    private var contexts: [MatchContext] = []

    func take() -> MatchContext? {
        lock.wait()
        defer { lock.signal() }
        return contexts.popLast()
    }

    func putBack(_ context: MatchContext) {
        lock.wait()
        defer { lock.signal() }
        contexts.append(context)
    }
}
