import AWSCore
import Alarms
import CloudTrail
import Controls
import FilterPattern
import Scan

/// The report of a scan for a program.
struct ScanJSON {
    let report: ScanReport
    let filters: [ScannedFilter]
    let version: BenchmarkVersion
    let withAlarms: Bool

    var text: String {
        var controls: [(String, JSON)] = []
        var others: [(String, JSON)] = []
        for (i, filter) in filters.enumerated() {
            if let control = filter.control {
                controls.append((filter.name, tally(i, number: control.number(in: version))))
            } else {
                others.append((filter.name, tally(i, number: nil)))
            }
        }
        var members: [(String, JSON)] = [
            ("files", .int(report.files)), ("records", .int(report.records)), ("bytes", .int(report.bytes)),
            ("bytesOnDisk", .int(report.bytesOnDisk)), ("duplicates", .int(report.duplicates)),
            ("insights", .int(report.insights)), ("digests", .int(report.digests)),
            ("repaired", .int(report.repaired)), ("unreadable", .int(report.faultCount)),
            ("faults", .array(report.faults.map(fault))),
            ("first", JSON(report.first?.description)), ("last", JSON(report.last?.description)),
        ]
        if !controls.isEmpty {
            members.append(("benchmark", .string(version.rawValue)))
            members.append(("controls", .object(controls)))
        }
        if !others.isEmpty { members.append(("filters", .object(others))) }
        return JSON.object(members).text(pretty: true)
    }

    private func tally(_ number: Int, number benchmarkNumber: String?) -> JSON {
        let tally = report.tallies[number]
        var members: [(String, JSON)] = [("matches", .int(tally.matches))]
        if let benchmarkNumber { members.append(("number", .string(benchmarkNumber))) }
        members += [
            ("pattern", .string(filters[number].pattern.description)),
            ("first", JSON(tally.first?.description)), ("last", JSON(tally.last?.description)),
            ("actors", counts(tally.topActors(10), "actor")), ("addresses", counts(tally.topAddresses(10), "address")),
        ]
        if withAlarms {
            let episodes = publishedAlarm(filters[number].name).replay(tally.series)
            members.append(
                (
                    "alarms",
                    .array(
                        episodes.map {
                            .object([
                                ("start", .string($0.start.description)), ("end", JSON($0.end?.description)),
                                ("reason", .string($0.reason)),
                            ])
                        })
                ))
        }
        return .object(members)
    }

    private func counts(_ counts: [FilterTally.Count], _ name: String) -> JSON {
        .array(counts.map { .object([(name, .string($0.text)), ("count", .int($0.count))]) })
    }

    private func fault(_ fault: LogFault) -> JSON {
        .object([("file", .string(fault.path)), ("offset", .int(fault.offset)), ("problem", .string(fault.problem))])
    }
}
