internal import AWSCore
internal import Alarms
internal import Controls
internal import Coverage
internal import Metrics
internal import WireValues

/// What an audit has found in an account, each thing read once.
final class AccountState<Reader: AccountReader> {
    let reader: Reader
    let account: String
    let regions: [String]
    let trails: [TrailState]
    /// Why the trails could not be read.
    let failure: ReadFailure?

    private var filters: [String: Result<[WireValue], ReadFailure>] = [:]
    private var chains: [String: [FilterChain]] = [:]
    private var meant: [String: Bool] = [:]
    private var scopes: [String: ControlScope] = [:]
    private var flooding: [String: Bool] = [:]
    private var alarms: [String: Result<Alarms, ReadFailure>] = [:]
    var subscriptions: [String: Result<[WireValue], ReadFailure>] = [:]
    var topics: [String: [Finding]] = [:]

    /// The alarms of a region.
    struct Alarms {
        var metric: [DeployedAlarm] = []
        var composite: [WireValue] = []
    }

    init(_ reader: Reader, regions: [String]) {
        self.reader = reader
        self.regions = regions
        let home = regions.first ?? "us-east-1"
        let caller = try? reader.call("sts", "GetCallerIdentity", .empty, region: home)
        let account = caller?.text("Account") ?? ""
        self.account = account
        var trails: [TrailState] = []
        var failure: ReadFailure?
        var seen: Set<String> = []
        for region in regions {
            do throws(ReadFailure) {
                for trail in try reader.trails(region: region) where seen.insert(trail.text("TrailARN") ?? "").inserted
                {
                    trails.append(TrailState(trail, reader, account: account))
                }
            } catch {
                failure = error
            }
        }
        self.trails = trails
        self.failure = failure
    }

    func filters(of group: String, region: String) -> Result<[WireValue], ReadFailure> {
        let key = region + " " + group
        if let known = filters[key] { return known }
        let read = Result { () throws(ReadFailure) in try reader.filters(of: group, region: region) }
        filters[key] = read
        return read
    }

    /// The filters of a group with what follows from each.
    func chains(of group: String, region: String) -> Result<[FilterChain], ReadFailure> {
        let key = region + " " + group
        if let known = chains[key] { return .success(known) }
        return filters(of: group, region: region).map { filters in
            let found = filters.map { FilterChain($0, region, self) }
            chains[key] = found
            return found
        }
    }

    /// Whether a filter is about a control (`ControlScope`).
    func isMeant(_ chain: FilterChain, for control: Control, in version: BenchmarkVersion) -> Bool {
        guard let pattern = chain.pattern else { return false }
        let key = "\(version.rawValue) \(control.id) \(chain.text)"
        if let known = meant[key] { return known }
        let scope = scopes[control.id] ?? ControlScope(of: control, in: version)
        scopes[control.id] = scope
        let isMeant = scope.isMeant(pattern)
        meant[key] = isMeant
        return isMeant
    }

    /// The metrics that filters flood with unrelated events.
    func drowned(_ chains: [FilterChain], for control: Control, in version: BenchmarkVersion) -> Set<Metric?> {
        Set(
            chains.filter { chain in
                let key = "\(version.rawValue) \(control.id) \(chain.text)"
                if let known = flooding[key] { return known }
                let floods = Coverage.floods(chain.pattern.map { [$0] } ?? [], control)
                flooding[key] = floods
                return floods
            }.map(\.counter))
    }

    func alarms(in region: String) -> Result<Alarms, ReadFailure> {
        if let known = alarms[region] { return known }
        let read = Result { () throws(ReadFailure) in try reader.alarms(region: region) }.map { found in
            let isComposite = { (alarm: WireValue) in alarm["AlarmRule"] != nil }
            return Alarms(
                metric: found.filter { !isComposite($0) }.map(DeployedAlarm.init),
                composite: found.filter(isComposite))
        }
        alarms[region] = read
        return read
    }
}
