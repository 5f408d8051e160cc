import Controls
import FilterPattern
import Foundation
import TrailMatcher

/// Controls of one's own, from a file in the form of `controls show --json`: an object, or an array of them.
enum ControlFile {
    private struct Entry: Decodable {
        struct Sample: Decodable {
            var summary: String
            var required: Bool
            var event: String
        }
        var id: String
        var title: String
        var rationale: String?
        var severity: String?
        var level: Int?
        var metricName: String?
        var requirement: String
        var pattern: String?
        var samples: [Sample]?
    }

    /// The controls that `--control` and `--controls-file` name; all of the version, and all of the file, where they
    /// name none.
    static func selected(_ invocation: Invocation, _ version: BenchmarkVersion) throws(UsageError) -> [Control] {
        let own = try invocation.value("--controls-file").map { path throws(UsageError) in try read(path) } ?? []
        let names = (invocation.value("--control") ?? "").split(separator: ",").map(String.init)
        if names.isEmpty { return Catalogue.controls.filter { $0.number(in: version) != nil } + own }
        var controls: [Control] = []
        for name in names {
            let known = Catalogue.control(name, in: version).flatMap { $0.number(in: version) == nil ? nil : $0 }
            guard let control = own.first(where: { $0.id == name }) ?? known else {
                throw UsageError(
                    "there is no control `\(name)` in version \(version.rawValue)",
                    advice: "`trailwarden controls list` shows them")
            }
            controls.append(control)
        }
        return controls
    }

    static func read(_ path: String) throws(UsageError) -> [Control] {
        let data = Data(try Files.text(path).utf8)
        var controls: [Control] = []
        for entry in try entries(data, path) {
            let control = try control(entry, path)
            guard !(Catalogue.controls + controls).contains(where: { $0.id == control.id }) else {
                throw UsageError("\(path): there is a control `\(control.id)` already")
            }
            controls.append(control)
        }
        return controls
    }

    private static func entries(_ data: Data, _ path: String) throws(UsageError) -> [Entry] {
        if let entries = try? JSONDecoder().decode([Entry].self, from: data) { return entries }
        do {
            return [try JSONDecoder().decode(Entry.self, from: data)]
        } catch {
            throw UsageError(
                "`\(path)` is no file of controls",
                advice:
                    "needed are at least id, title and requirement, as `trailwarden controls show ID --json` has them")
        }
    }

    private static func control(_ entry: Entry, _ path: String) throws(UsageError) -> Control {
        let severity = Control.Severity(rawValue: entry.severity ?? "medium")
        guard let severity else {
            throw UsageError("\(path): \(entry.id): a severity is low, medium, high or critical")
        }
        let requirement = try FilterMatch.parse(entry.requirement, name: entry.id)
        if let pattern = entry.pattern { _ = try FilterMatch.parse(pattern, name: entry.id) }
        let samples = (entry.samples ?? []).map {
            SampleEvent(summary: $0.summary, isRequired: $0.required, json: $0.event)
        }
        let context = MatchContext(TrailMatcher([requirement]))
        for sample in samples {
            Array(sample.json.utf8).withUnsafeBytes { context.match($0) }
            guard (context.matches.count > 0) == sample.isRequired else {
                throw UsageError(
                    "\(path): \(entry.id): the requirement \(sample.isRequired ? "does not match" : "matches") the sample "
                        + "`\(sample.summary)`")
            }
        }
        return Control(
            id: entry.id, title: entry.title, rationale: entry.rationale ?? "", severity: severity,
            level: entry.level ?? 1, metricName: entry.metricName ?? entry.id, requirement: entry.requirement,
            pattern: entry.pattern, samples: samples)
    }
}
