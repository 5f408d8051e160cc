public import Controls

/// What mends an account: the missing links, and only those.
public struct Plan: Sendable {
    /// In the order in which they must be made, each with the controls that need it.
    public struct Entry: Sendable {
        public let step: Step
        public let region: String
        public internal(set) var controls: [String]
    }

    public internal(set) var entries: [Entry] = []
    /// What only a person can mend, in words.
    public internal(set) var obstacles: [String] = []
    /// Endpoints that must confirm before they are told.
    public internal(set) var pending: [String] = []
    /// What is worth knowing of the steps.
    public internal(set) var notes: [String] = []
    public let account: String
    /// Where filters and alarms are made: the home of the trail.
    public internal(set) var region: String

    public var isEmpty: Bool { entries.isEmpty }

    /// The steps that a control needs.
    public func entries(for control: Control) -> [Entry] { entries.filter { $0.controls.contains(control.id) } }

    mutating func add(_ steps: [Step], in region: String, for control: String) {
        for step in steps {
            if let place = entries.firstIndex(where: { $0.step == step && $0.region == region }) {
                if !entries[place].controls.contains(control) { entries[place].controls.append(control) }
            } else {
                entries.append(Entry(step: step, region: region, controls: [control]))
            }
        }
    }

    mutating func obstacle(_ words: String) { if !obstacles.contains(words) { obstacles.append(words) } }
    mutating func note(_ words: String) { if !notes.contains(words) { notes.append(words) } }
}

/// The wishes of who remediates.
public struct RemediationOptions: Sendable {
    /// Who is to be told.
    public var endpoints: [Step.Endpoint] = []
    /// The group for a trail that has none.
    public var logGroup: String?
    /// The topic for new alarms.
    public var topic: String?
    /// For a trail that has to be made: what is there already.
    public var bucket: String?
    public var role: String?
    public var style: AuditorStyle?

    public init() {}

    static let logGroup = "cloudtrail/management-events"
    static let topicName = "cis-monitoring"
    static let trailName = "management-events"
    static let roleName = "CloudTrailToCloudWatchLogs"
    static let namespace = "CISBenchmark"
}
