public import AWSCore
internal import FoundationEssentials
public import LogGroups
public import Metrics
internal import Store

extension PipelineState {
    /// So many minutes are read into memory when a metric is first used.
    private static let hotMinutes: Int64 = 3 * 60

    private func record(of key: MetricKey) -> MetricRecord {
        if let record = metrics[key] { return record }
        let record = MetricRecord(id: nextMetric, loadedFrom: .min)
        nextMetric += 1
        metrics[key] = record
        for watch in watchers[key] ?? [] where watch.metrics.first == key { watch.record = record }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let dimensions =
            (try? encoder.encode(key.metric.dimensions)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        batch.metrics.append(
            Batch.Metric(
                id: record.id, scope: key.scope, namespace: key.metric.namespace, name: key.metric.name,
                dimensions: dimensions))
        return record
    }

    /// Sees to it that all minutes from `minute` on are in memory.
    func load(_ record: MetricRecord, from minute: Int64) {
        guard minute < record.loadedFrom else { return }
        let rows: [(minute: Int64, unit: String, body: [UInt8])]
        do throws(StoreError) {
            rows = try store.minutes(of: record.id, from: minute, to: record.loadedFrom)
        } catch {
            // A sum that was taken for nothing would be written over.
            failure = error
            return
        }
        for (minute, unit, body) in rows {
            guard let aggregate = PeriodAggregate(bytes: body) else { continue }
            record.units[unit, default: MinuteSeries()].add(aggregate, minute: minute)
            record.newest = max(record.newest, minute)
        }
        record.loadedFrom = minute
    }

    /// Adds values to a minute of a metric.
    public func publish(_ aggregate: PeriodAggregate, to metric: Metric, unit: String, minute: Int64, in scope: Scope) {
        let key = MetricKey(scope: scope, metric: metric)
        let record = record(of: key)
        load(record, from: minute - Self.hotMinutes)
        record.units[unit, default: MinuteSeries()].add(aggregate, minute: minute)
        record.newest = max(record.newest, minute)
        let sum = record.units[unit]?.aggregate(minute: minute) ?? aggregate
        batch.minutes[Batch.MinuteKey(metric: record.id, minute: minute, unit: unit)] = sum.bytes
        touched.insert(key)
    }

    /// Adds what filters, or whoever acts as one, publish of a minute.
    public func publish(_ datum: FilterSnapshot.Datum, in scope: Scope) {
        if datum.isDefault {
            // A default stands for a minute without matches: published once, and only if nothing else was.
            let record = record(of: MetricKey(scope: scope, metric: datum.metric))
            load(record, from: datum.minute - Self.hotMinutes)
            if record.units[datum.unit]?.aggregate(minute: datum.minute) != nil { return }
        }
        remember(datum, in: scope)
        noteLate(datum, in: scope)
        publish(datum.aggregate, to: datum.metric, unit: datum.unit, minute: datum.minute, in: scope)
    }

    /// The values of a metric from `start` to the present, by unit.
    public func series(of metric: Metric, in scope: Scope, from start: Int64) -> [String: MinuteSeries] {
        guard let record = metrics[MetricKey(scope: scope, metric: metric)] else { return [:] }
        load(record, from: start)
        return record.units
    }

    /// The metrics of a scope with the newest minute that holds a value, in order.
    public func metrics(in scope: Scope) -> [(metric: Metric, newest: Int64)] {
        var found: [(metric: Metric, newest: Int64)] = []
        for (key, record) in metrics where key.scope == scope {
            if record.newest == .min { load(record, from: 0) }
            // One without values is as good as none.
            if record.newest == .min, record.units.values.allSatisfy(\.isEmpty) { continue }
            found.append((key.metric, record.newest))
        }
        return found.sorted {
            ($0.metric.namespace, $0.metric.name, $0.metric.dimensions.description)
                < ($1.metric.namespace, $1.metric.name, $1.metric.dimensions.description)
        }
    }
}
