internal import AWSCore
internal import Alarms
internal import Metrics
internal import Notifications
internal import WireValues

/// What an audit has found in an account, each thing read once.
final class AccountState<Reader: AccountReader> {
    let reader: Reader
    let account: String
    let trails: [TrailState]
    /// Why the trails could not be read.
    let failure: ReadFailure?

    private var filters: [String: Result<[WireValue], ReadFailure>] = [:]
    private var alarms: [String: Result<Alarms, ReadFailure>] = [:]
    private var topics: [String: [Finding]] = [:]

    /// The alarms of a region.
    struct Alarms {
        var metric: [DeployedAlarm] = []
        var composite: [WireValue] = []
    }

    init(_ reader: Reader, regions: [String]) {
        self.reader = reader
        let home = regions.first ?? "us-east-1"
        let caller = try? reader.call("sts", "GetCallerIdentity", .empty, region: home)
        let account = caller?.text("Account") ?? ""
        self.account = account
        var trails: [TrailState] = []
        var failure: ReadFailure?
        var seen: Set<String> = []
        for region in regions {
            do throws(ReadFailure) {
                let answer = try reader.call(
                    "cloudtrail", "DescribeTrails", ["includeShadowTrails": true], region: region)
                for trail in answer.items("trailList") where seen.insert(trail.text("TrailARN") ?? "").inserted {
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
        let read: Result<[WireValue], ReadFailure>
        do throws(ReadFailure) {
            read = .success(
                try reader.all(
                    "logs", "DescribeMetricFilters", [WireMember("logGroupName", .string(group))],
                    list: "metricFilters", token: "nextToken", region: region))
        } catch {
            read = .failure(error)
        }
        filters[key] = read
        return read
    }

    func alarms(in region: String) -> Result<Alarms, ReadFailure> {
        if let known = alarms[region] { return known }
        let types = WireMember("AlarmTypes", ["MetricAlarm", "CompositeAlarm"])
        var found = Alarms()
        var read: Result<Alarms, ReadFailure>
        do throws(ReadFailure) {
            var token: String?
            repeat {
                let more = token.map { [WireMember("NextToken", .string($0))] } ?? []
                let page = try reader.call(
                    "monitoring", "DescribeAlarms", .structure([types, WireMember("MaxRecords", 100)] + more),
                    region: region)
                found.metric += page.items("MetricAlarms").map(DeployedAlarm.init)
                found.composite += page.items("CompositeAlarms")
                let next = page.text("NextToken")
                if let next, next == token { throw ReadFailure.repeatedToken("cloudwatch:DescribeAlarms") }
                token = next
            } while token != nil
            read = .success(found)
        } catch {
            read = .failure(error)
        }
        alarms[region] = read
        return read
    }

    // MARK: Topics

    /// What keeps a topic from telling somebody of an alarm; nothing when it does.
    func findings(ofTopic arn: String, alarm: DeployedAlarm) -> [Finding] {
        // A filter policy may let one alarm through and not another.
        let key = arn + " " + alarm.arn
        if let known = topics[key] { return known }
        let found = readTopic(arn, alarm)
        topics[key] = found
        return found
    }

    private func readTopic(_ arn: String, _ alarm: DeployedAlarm) -> [Finding] {
        guard let topic = ARN(arn) else { return [Finding(.topic, arn, "it is no ARN of a topic")] }
        let subscriptions: [WireValue]
        do throws(ReadFailure) {
            subscriptions = try reader.all(
                "sns", "ListSubscriptionsByTopic", [WireMember("TopicArn", .string(arn))], list: "Subscriptions",
                token: "NextToken", region: topic.region)
        } catch {
            return [error.isNotFound ? Finding(.topic, arn, "there is no such topic") : Finding(.topic, arn, error)]
        }
        if subscriptions.isEmpty { return [Finding(.subscription, arn, "nobody is subscribed to the topic")] }
        let confirmed = subscriptions.filter { $0.text("SubscriptionArn")?.hasPrefix("arn:") == true }
        if confirmed.isEmpty {
            let waiting = subscriptions.map { Self.shown($0.text("Endpoint") ?? "") }.joined(separator: ", ")
            return [Finding(.subscription, arn, "no subscription is confirmed: \(waiting) must confirm first")]
        }
        var findings: [Finding] = []
        for subscription in confirmed {
            let name = subscription.text("SubscriptionArn") ?? ""
            do throws(ReadFailure) {
                let answer = try reader.call(
                    "sns", "GetSubscriptionAttributes", ["SubscriptionArn": .string(name)], region: topic.region)
                let attributes = answer["Attributes"] ?? .empty
                guard let text = attributes.text("FilterPolicy"), text != "{}" else { return [] }
                let scope = attributes.text("FilterPolicyScope").flatMap(FilterPolicy.Scope.init) ?? .attributes
                guard let policy = try? FilterPolicy(text, scope: scope) else {
                    findings.append(
                        Finding(.subscription, name, "its filter policy could not be read", isUnknown: true))
                    continue
                }
                if policy.admits(message: Self.message(of: alarm), attributes: [:]) { return [] }
                // Messages of alarms have no attributes; of their body not everything is known here.
                findings.append(
                    scope == .attributes
                        ? Finding(.subscription, name, "its filter policy drops the messages of the alarm")
                        : Finding(
                            .subscription, name, "its filter policy may drop the messages of the alarm", isUnknown: true
                        ))
            } catch {
                findings.append(Finding(.subscription, name, error))
            }
        }
        return findings
    }

    /// An endpoint without the password that it may hold.
    private static func shown(_ endpoint: String) -> String {
        guard endpoint.hasPrefix("http"), let at = endpoint.lastIndex(of: "@"),
            let slashes = endpoint.firstIndex(of: "/")
        else { return endpoint }
        let start = endpoint.index(slashes, offsetBy: 2, limitedBy: at) ?? at
        return endpoint[..<start] + "…" + endpoint[at...]
    }

    /// What a topic is sent when the alarm rings, as far as filter policies look at it.
    private static func message(of alarm: DeployedAlarm) -> String {
        JSONWire.text([
            "AlarmName": .string(alarm.name), "AlarmArn": .string(alarm.arn), "NewStateValue": "ALARM",
            "OldStateValue": "OK", "AWSAccountId": .string(ARN(alarm.arn)?.account ?? ""),
            "Trigger": [
                "MetricName": .string(alarm.metrics.first?.name ?? ""),
                "Namespace": .string(alarm.metrics.first?.namespace ?? ""),
            ],
        ])
    }
}
