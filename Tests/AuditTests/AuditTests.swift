import AWSCore
import Audit
import Controls
import Foundation
import TestSupport
import Testing
import WireValues

private let trails = "cloudtrail_cfg_changes"
private let pattern =
    "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || "
    + "($.eventName = StartLogging) || ($.eventName = StopLogging) }"

@Suite struct `An audit` {
    private struct Row: Decodable {
        var pattern: String
        var control: String
        var label: String
        var label_if_inner_star_literal: String?
    }

    /// A filter that is not legal can't exist; so the account has it only in the tests.
    @Test func `judges the patterns of the corpus in an account as their labels say`() throws {
        guard let url = SharedData.url("spec/filter-corpus.jsonl") else { return }
        for line in try SharedData.lines(url) {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            let result = try #require(Account(row.pattern).audit(row.control, in: .v4_0_0))
            let comment = Comment("\(row.pattern.prefix(200)): \(result.verdict)")
            switch row.label_if_inner_star_literal ?? row.label {
            case "covers": #expect(result.verdict == .covered || result.verdict == .floods, comment)
            case "broken": #expect(result.verdict == .notCovered, comment)
            default: #expect(result.verdict == .partly || result.verdict == .notCovered, comment)
            }
        }
    }

    @Test func `passes an account in which all is well, and follows composite alarms and metric math`() {
        #expect(Account(pattern).audit(trails)?.verdict == .covered)
        var account = Account(pattern)
        account.alarms = [Account.alarm("a", ["AlarmActions": []])]
        account.composites = [
            ["AlarmName": "c", "AlarmRule": "ALARM(a) OR ALARM(b)", "AlarmActions": [.string(Account.topic)]]
        ]
        #expect(account.audit(trails)?.verdict == .covered)
        account.composites = [
            ["AlarmName": "c", "AlarmRule": "ALARM(a) AND ALARM(b)", "AlarmActions": [.string(Account.topic)]]
        ]
        #expect(account.audit(trails)?.verdict == .notCovered, "it waits for another alarm")
        account.composites = [
            [
                "AlarmName": "c", "AlarmRule": "ALARM(a)", "AlarmActions": [.string(Account.topic)],
                "ActionsSuppressor": "maintenance",
            ]
        ]
        #expect(account.audit(trails)?.verdict == .unknown, "its actions may be held back")
        let stat: WireValue = [
            "Id": "m1", "ReturnData": false,
            "MetricStat": ["Metric": ["Namespace": "CIS", "MetricName": "m"], "Period": 300, "Stat": "Sum"],
        ]
        account = Account(pattern)
        account.alarms = [
            Account.alarm(
                "a", ["Metrics": [stat, ["Id": "e1", "Expression": "m1 * 2", "ReturnData": true]], "Threshold": 2])
        ]
        #expect(account.audit(trails)?.verdict == .covered)
        account.alarms = [
            Account.alarm(
                "a", ["Metrics": [stat, ["Id": "e1", "Expression": "m1 * 0", "ReturnData": true]], "Threshold": 1])
        ]
        #expect(account.audit(trails)?.verdict == .notCovered)
    }

    @Test(arguments: BenchmarkVersion.allCases)
    func `tells filters apart in every version, also where a published pattern matches nearly everything`(
        version: BenchmarkVersion
    ) {
        #expect(Account(pattern).audit(trails, in: version)?.verdict == .covered)
        #expect(Account("{ $.eventName = StopLogging }").audit(trails, in: version)?.verdict == .partly)
        #expect(Account("{ $.eventName = DeleteVpc }").audit(trails, in: version)?.verdict == .notCovered)
    }

    @Test func `compares units and dimensions of filter and alarm`() {
        var account = Account(pattern)
        account.alarms = [Account.alarm("a", ["Unit": "Count"])]
        #expect(
            account.audit(trails)?.findings.first?.problem
                == "it watches values in Count, and the filter publishes None")
        account.filters = [Account.filter("f", pattern, ["unit": "Count"])]
        #expect(account.audit(trails)?.verdict == .covered)
        account = Account(pattern)
        account.filters = [Account.filter("f", pattern, ["dimensions": ["User": "$.userIdentity.userName"]])]
        account.alarms = [Account.alarm("a", ["Dimensions": [["Name": "User", "Value": "alice"]]])]
        #expect(account.audit(trails)?.verdict == .unknown, "one user is watched; whether others matter is not known")
    }

    @Test func `takes a number of periods or a threshold that is none for unknown`() {
        var account = Account(pattern)
        for change: [String: WireValue] in [
            ["Period": .number(0.5)], ["EvaluationPeriods": .number(1e30)], ["Threshold": "many"],
            ["ComparisonOperator": "LessThanLowerThreshold"],
        ] {
            account.alarms = [Account.alarm("a", change)]
            #expect(account.audit(trails)?.verdict == .unknown, "\(change)")
        }
    }

    @Test(arguments: [
        "DescribeTrails", "GetTrailStatus", "GetEventSelectors", "DescribeMetricFilters", "DescribeAlarms",
        "ListSubscriptionsByTopic", "GetSubscriptionAttributes",
    ])
    func `counts what may not be read as unknown and names the permission`(operation: String) throws {
        var account = Account(pattern)
        // Whether the one subscription has a filter policy is asked for; without an answer it is not known.
        account.denied = [operation]
        let result = try #require(account.audit(trails))
        #expect(result.verdict == .unknown)
        #expect(result.findings.contains { $0.isUnknown && $0.problem.contains(":\(operation)") }, "\(result.findings)")
    }

    @Test func `knows what an organization's trail delivers to another account only as not visible`() {
        var account = Account(pattern)
        account.trail["CloudWatchLogsLogGroupArn"] = "arn:aws:logs:us-east-1:999999999999:log-group:trail:*"
        let result = account.audit(trails)
        #expect(result?.verdict == .unknown)
        #expect(result?.findings.first?.problem.contains("not visible from here") == true)
    }

    @Test func `does not end when pages lead to themselves`() {
        struct Circle: AccountReader {
            func call(
                _ service: String, _ operation: String, _ input: WireValue, region: String
            ) throws(ReadFailure) -> WireValue {
                let account = Account(pattern)
                let answer = try account.call(service, operation, input, region: region)
                guard operation == "DescribeMetricFilters" else { return answer }
                return .structure(answer.members + [WireMember("nextToken", "again")])
            }
        }
        guard let control = Catalogue.control(trails, in: .newest) else { return }
        let report = Audit([control], in: .newest, at: now).run(Circle(), regions: ["us-east-1"])
        #expect(report.results.first?.verdict == .unknown)
    }
}

@Suite struct `The texts of auditors` {
    @Test func `are those that the facts give`() throws {
        struct Facts: Decodable {
            struct Control: Decodable {
                struct Hub: Decodable { var exact_pattern: String? }
                var id: String
                var security_hub: Hub?
            }
            var controls: [Control]
        }
        guard let url = SharedData.url("spec/controls.json") else { return }
        for fact in try JSONDecoder().decode(Facts.self, from: Data(contentsOf: url)).controls {
            guard let text = fact.security_hub?.exact_pattern else { continue }
            let control = try #require(Catalogue.control(fact.id, in: .newest))
            #expect(AuditorStyle.securityHub.text(for: control, in: .newest) == .text(text))
        }
    }

    @Test func `need no second filter where the clauses are there in another order`() throws {
        let style = AuditorStyle.prowler
        let wanted = #"{ $.eventSource = "kms.amazonaws.com" && ($.eventName = DisableKey || $.eventName = Other) }"#
        #expect(
            style.accepts(
                #"{ (($.eventName = Other) || ($.eventName = "DisableKey")) && ($.eventSource = kms.amazonaws.com) }"#,
                for: wanted))
        #expect(!style.accepts(#"{ ($.eventName = DisableKey) && ($.eventSource = kms.amazonaws.com) }"#, for: wanted))
        #expect(!AuditorStyle.securityHub.accepts(wanted + " ", for: wanted))
    }
}
