import AWSCore
import Alarms
import Controls
import Metrics
import Scan

/// The report of a scan for a person.
struct ScanTable {
    let report: ScanReport
    let filters: [ScannedFilter]
    let version: BenchmarkVersion
    let withAlarms: Bool

    var text: String {
        var lines = [headline, ""]
        let rows = filters.indices.filter { report.tallies[$0].matches > 0 }
        if rows.isEmpty {
            lines.append("Nothing matched.")
        } else {
            lines += table(rows)
        }
        let quiet = filters.indices.filter { report.tallies[$0].matches == 0 }
        if !quiet.isEmpty, !rows.isEmpty {
            let names = quiet.map { title(filters[$0]) }.joined(separator: ", ")
            lines.append("")
            lines += "No events: \(names).".wrapped(to: min(Terminal.width, 110)).map(Terminal.dim)
        }
        if withAlarms { lines += [""] + timeline(rows) }
        lines += footer
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        var parts = [
            "\(report.records.grouped) \(report.records == 1 ? "record" : "records")",
            "\(report.files.grouped) \(report.files == 1 ? "file" : "files")", report.bytes.asBytes,
        ]
        if let first = report.first, let last = report.last { parts.append(span(first, last)) }
        if filters.contains(where: { $0.control != nil }) {
            parts.append("CIS AWS Foundations Benchmark \(version.rawValue)")
        }
        return Terminal.bold(parts.joined(separator: " · "))
    }

    private func span(_ first: Timestamp, _ last: Timestamp) -> String {
        first.date == last.date
            ? "\(first.date) \(first.hourAndMinute) to \(last.hourAndMinute) UTC"
            : "\(first.date) \(first.hourAndMinute) to \(last.date) \(last.hourAndMinute) UTC"
    }

    // MARK: Table

    private func table(_ rows: [Int]) -> [String] {
        let titles = rows.map { title(filters[$0]) }
        let width = min(max(titles.map(\.count).max() ?? 0, 7), 46)
        let numbers = rows.map { number(filters[$0]) }
        let numberWidth = numbers.map(\.count).max() ?? 0
        let countWidth = max(7, rows.map { report.tallies[$0].matches.grouped.count }.max() ?? 0)
        let indent = numberWidth == 0 ? "" : String(repeating: " ", count: numberWidth + 2)
        let head =
            (numberWidth == 0 ? "" : "CIS".padded(to: numberWidth) + "  ") + "CONTROL".padded(to: width) + "  "
            + "MATCHES".rightAligned(to: countWidth) + "  FIRST".padded(to: 20) + "LAST"
        var lines = [Terminal.dim(head)]
        for (i, row) in rows.enumerated() {
            let tally = report.tallies[row]
            let isHigh = filters[row].control?.severity == .high
            let name = titles[i].shortened(to: width).padded(to: width)
            lines.append(
                (numberWidth == 0 ? "" : numbers[i].padded(to: numberWidth) + "  ")
                    + (isHigh ? Terminal.red(name) : Terminal.yellow(name)) + "  "
                    + Terminal.bold(tally.matches.grouped.rightAligned(to: countWidth)) + "  "
                    + minute(tally.first).padded(to: 18) + minute(tally.last))
            lines += details(tally, indent: indent)
        }
        return lines
    }

    /// Who called and from where: on one line where there is room, else on two.
    private func details(_ tally: FilterTally, indent: String) -> [String] {
        let actors = list(tally.topActors(3).map { (Actor.label($0.text), $0.count) }, of: tally.actorCount)
        let addresses = list(tally.topAddresses(3).map { ($0.text, $0.count) }, of: tally.addressCount)
        let parts = [actors.isEmpty ? "" : "by \(actors)", addresses.isEmpty ? "" : "from \(addresses)"].filter {
            !$0.isEmpty
        }
        let width = max(60, Terminal.width)
        let joined = indent + parts.joined(separator: " · ")
        let lines = joined.count <= width ? [joined] : parts.map { (indent + $0).shortened(to: width) }
        return parts.isEmpty ? [] : lines.map(Terminal.dim)
    }

    private func list(_ counts: [(String, Int)], of total: Int) -> String {
        let shown = counts.map { "\($0.0.shortened(to: 40)) (\($0.1.grouped))" }.joined(separator: ", ")
        return total > counts.count ? "\(shown) and \((total - counts.count).grouped) more" : shown
    }

    private func minute(_ time: Timestamp?) -> String {
        time.map { "\($0.date) \($0.hourAndMinute)" } ?? "-"
    }

    private func title(_ filter: ScannedFilter) -> String { filter.control?.title ?? filter.name }
    private func number(_ filter: ScannedFilter) -> String { filter.control?.number(in: version) ?? "" }

    // MARK: Alarms

    private func timeline(_ rows: [Int]) -> [String] {
        var lines = [
            Terminal.bold("Alarms") + Terminal.dim("  (Sum over 300 s >= 1, 1 of 1, missing data not breaching)")
        ]
        guard let first = report.first, let last = report.last, !rows.isEmpty else {
            return lines + ["None would have fired."]
        }
        let width = max(20, min(60, Terminal.width - 30))
        for row in rows {
            let tally = report.tallies[row]
            let episodes = publishedAlarm(filters[row].name).replay(tally.series)
            let days = max(1, last.seconds(since: first) / 86_400)
            let total = episodes.reduce(0.0) { $0 + ($1.end ?? last).seconds(since: $1.start) }
            let times = episodes.count == 1 ? "once" : "\(episodes.count.grouped) times"
            let rate = episodes.count > 1 && days > 1 ? ", \((Double(episodes.count) / days).rounded(to: 1)) a day" : ""
            lines += ["", "\(title(filters[row])): \(times)\(rate), on for \(total.asDuration) in all"]
            lines.append(Terminal.red(strip(episodes, first, last, width)))
            for episode in episodes.prefix(5) {
                let end = episode.end.map { "\($0.hourAndMinute)" } ?? "(still on)"
                let duration = (episode.end ?? last).seconds(since: episode.start).asDuration
                lines.append("  \(minute(episode.start)) to \(end)  \(duration.rightAligned(to: 10))")
            }
            if episodes.count > 5 { lines.append(Terminal.dim("  … and \((episodes.count - 5).grouped) more")) }
        }
        lines.append("")
        lines.append(
            Terminal.dim("\(minute(first)) |\(String(repeating: "-", count: max(0, width - 36)))| \(minute(last))"))
        return lines
    }

    /// The time of the scan as a line of cells, high where the alarm was on.
    private func strip(_ episodes: [AlarmEpisode], _ first: Timestamp, _ last: Timestamp, _ width: Int) -> String {
        let total = max(60, last.seconds(since: first) + 900)
        var share = [Double](repeating: 0, count: width)
        for episode in episodes {
            let start = episode.start.seconds(since: first) / total * Double(width)
            let end = (episode.end ?? last).seconds(since: first) / total * Double(width)
            for cell in max(0, Int(start))...max(0, min(width - 1, Int(end))) where cell < width {
                share[cell] += max(0, min(end, Double(cell + 1)) - max(start, Double(cell)))
            }
        }
        let levels = Array("▁▂▃▄▅▆▇█")
        return String(share.map { $0 <= 0 ? "▁" : levels[max(1, min(7, Int($0 * 8)))] })
    }

    // MARK: Footer

    private var footer: [String] {
        var lines: [String] = []
        if report.duplicates > 0 {
            lines.append(
                "\(report.duplicates.grouped) records are second deliveries of an event; --distinct counts each event once."
            )
        }
        if report.insights > 0 {
            lines.append("\(report.insights.grouped) records were written by CloudTrail Insights.")
        }
        if report.digests > 0 { lines.append("\(report.digests.grouped) digest files were passed over.") }
        if report.repaired > 0 {
            lines.append("\(report.repaired.grouped) records hold bytes that are no UTF-8; they were read as U+FFFD.")
        }
        if report.faultCount > 0 {
            lines.append(
                "\(report.faultCount.grouped) \(report.faultCount == 1 ? "part" : "parts") of the input could not be read; see above."
            )
        }
        return lines.isEmpty ? [] : [""] + lines.map(Terminal.dim)
    }
}

/// The short name of whoever made a call.
enum Actor {
    /// `user/alice` of `arn:aws:iam::111122223333:user/alice`, with the account where that says more.
    static func label(_ text: String) -> String {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn" else { return text }
        return parts[5] == "root" ? "root of \(parts[4])" : String(parts[5])
    }
}
