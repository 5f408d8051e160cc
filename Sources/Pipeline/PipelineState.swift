public import AWSCore
public import Alarms
public import CloudTrail
internal import FoundationEssentials
public import LogGroups
internal import Metrics
public import Notifications
public import Store

/// All that the pipeline knows: what is configured, the metrics in use, the alarms' states, the messages on their way.
///
/// Memory is a cache of the store: every change also goes into the batch that is committed next, and when a commit
/// fails, another state is read from the store. Confined to the lock of `Pipeline`.
public final class PipelineState {
    let store: Store
    public let settings: Pipeline.Settings
    var batch = Batch()
    var nextNumber: Int64 = 1

    public private(set) lazy var logGroups = Table<LogGroup>("log-group", self)
    /// Under `group:stream`; a group's name holds no colon.
    public private(set) lazy var logStreams = Table<LogStream>("log-stream", self)
    /// Under `group:filter`.
    public private(set) lazy var metricFilters = Table<MetricFilter>("metric-filter", self)
    public private(set) lazy var resourcePolicies = Table<ResourcePolicy>("resource-policy", self)
    public private(set) lazy var alarms = Table<AlarmConfiguration>("alarm", self)
    public private(set) lazy var compositeAlarms = Table<CompositeAlarm>("composite-alarm", self)
    public private(set) lazy var dashboards = Table<Dashboard>("dashboard", self)
    public private(set) lazy var topics = Table<Topic>("topic", self)
    /// Under `topic:id`.
    public private(set) lazy var subscriptions = Table<Subscription>("subscription", self)
    public private(set) lazy var deliveries = Table<Delivery>("delivery", self)
    public private(set) lazy var trails = Table<Trail>("trail", self)
    lazy var secrets = Table<String>("secret", self)
    lazy var pastRings = Table<PastRings>("past-rings", self)
    /// What has come in late in the present operation, by the metric that counts it.
    var late: [MetricKey: LateData] = [:]
    /// Under the subscription's ARN and the alarm's name.
    lazy var folds = Table<Fold>("fold", self)

    var storedBytes: [Scope: [String: Int]] = [:]
    var snapshots: [Scope: [String: FilterSnapshot]] = [:]
    var metrics: [MetricKey: MetricRecord] = [:]
    var watches: [AlarmKey: AlarmWatch] = [:]
    /// Alarms by the metric they watch.
    var watchers: [MetricKey: [AlarmWatch]] = [:]
    /// The minute in which alarms were judged last.
    var lastJudged: Int64 = .min
    /// Alarms that are still to be judged in this minute.
    var toJudge: [AlarmWatch] = []
    /// Composite alarms whose actions are held back.
    var suppressed: Set<AlarmKey> = []
    /// When the next hour of a fold ends, by its key.
    var foldEnds: [AlarmKey: Timestamp] = [:]
    /// No later than the first of them.
    var nextFoldEnd: Timestamp?
    /// The events that alarms may be rung by, by the metric that counts them.
    var evidence: [MetricKey: MetricEvidence] = [:]
    /// Whether what changes now is nothing to tell anybody.
    var holdsActions = false
    /// Proofs under way, by the ARN of their stream.
    var proofs: [String: Proof] = [:]
    /// Metrics that have received data in the present operation.
    var touched: Set<MetricKey> = []
    /// Deliveries that nobody has taken, by the time they are due.
    var due = DueQueue()
    var nextMetric: Int64 = 1
    /// What has become of alarms in the present operation.
    var changes: [StateChange] = []
    /// Changes that wait until the present call is recorded.
    var afterRecording: [() -> Void] = []
    /// Why what was done can't be relied on: the store could not be read, or something not be written.
    var failure: StoreError?
    /// Whether the present operation has put a message on its way.
    var hasNewDeliveries = false
    /// Whether it has set an instant at which an alarm's actions are let go.
    var hasNewDeadlines = false

    init(_ store: Store, _ settings: Pipeline.Settings) throws(StoreError) {
        self.store = store
        self.settings = settings
        nextNumber = try store.lastNumber() + 1
        try logGroups.load()
        try logStreams.load()
        try metricFilters.load()
        try resourcePolicies.load()
        try alarms.load()
        try compositeAlarms.load()
        try dashboards.load()
        try topics.load()
        try subscriptions.load()
        try deliveries.load()
        deliveries.forEach { due.insert(DueQueue.Entry(due: $2.due, scope: $0, id: $1)) }
        try trails.load()
        try secrets.load()
        try folds.load()
        try pastRings.load()
        loadFolds()
        for (scope, group, bytes) in try store.storedBytes() { storedBytes[scope, default: [:]][group] = bytes }
        for row in try store.metrics() {
            let key = MetricKey(scope: row.scope, metric: Self.metric(row))
            metrics[key] = MetricRecord(id: row.id, loadedFrom: .max)
            nextMetric = max(nextMetric, row.id + 1)
        }
        compositeAlarms.forEach { scope, name, alarm in
            if alarm.suppression != nil { suppressed.insert(AlarmKey(scope: scope, name: name)) }
        }
        alarms.forEach { scope, name, alarm in
            watch(AlarmKey(scope: scope, name: name), alarm)
        }
    }

    /// A number that was not given before.
    public func takeNumber() -> Int64 {
        nextNumber += 1
        return nextNumber - 1
    }

    private static func metric(_ row: Batch.Metric) -> Metric {
        let dimensions = try? JSONDecoder().decode([Dimension].self, from: Data(row.dimensions.utf8))
        return Metric(namespace: row.namespace, name: row.name, dimensions: dimensions ?? [])
    }
}

/// A policy about log groups: kept as it was put.
public struct ResourcePolicy: Codable, Sendable {
    public var name: String
    public var document: String
    public var updated: Timestamp

    public init(name: String, document: String, updated: Timestamp) {
        self.name = name
        self.document = document
        self.updated = updated
    }
}

/// A dashboard: kept as it was put.
public struct Dashboard: Codable, Sendable {
    public var name: String
    public var body: String
    public var modified: Timestamp

    public init(name: String, body: String, modified: Timestamp) {
        self.name = name
        self.body = body
        self.modified = modified
    }
}

struct MetricKey: Hashable {
    var scope: Scope
    var metric: Metric
}

struct AlarmKey: Hashable {
    var scope: Scope
    var name: String
}

/// A metric with the minutes of it that are in memory: all from `loadedFrom` on.
final class MetricRecord {
    let id: Int64
    var units: [String: MinuteSeries] = [:]
    var loadedFrom: Int64
    var newest: Int64 = .min

    init(id: Int64, loadedFrom: Int64) {
        self.id = id
        self.loadedFrom = loadedFrom
    }
}

extension PipelineState {
    /// What the store held at the last commit, for long searches.
    public var stored: Store { store }

    /// Entries of a journal that are not committed yet, in order of time.
    public func pendingEntries(of journal: String, in scope: Scope, subject: String? = nil) -> [Batch.Entry] {
        batch.entries.filter {
            $0.journal == journal && $0.scope == scope && (subject == nil || subject == $0.subject)
        }
    }
}
