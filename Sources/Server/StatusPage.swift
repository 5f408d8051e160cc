internal import AWSCore
internal import AWSOperations
internal import Controls
internal import HTTP
internal import LogSources
internal import Pipeline
internal import WireValues

/// How the sources are getting on: as JSON for `GET /status`, and for Prometheus.
struct StatusPage {
    let sources: [SourceStatus]
    var integrity: [IntegrityStatus] = []
    var exceptions: [ExceptionStatus] = []

    var response: HTTPResponse {
        let list = sources.map { source -> WireValue in
            let busy = Double(source.busyMilliseconds) / 1000
            return [
                "source": .string(source.name), "files": WireValue(source.files), "records": WireValue(source.records),
                "bytes": WireValue(source.bytes), "faults": WireValue(source.faults),
                "waiting": WireValue(source.waiting),
                "caughtUp": .bool(source.hasCaughtUp),
                "lagSeconds": .number(source.lag),
                "filesPerSecond": .number(busy > 0 ? Double(source.files) / busy : 0),
                "recordsPerSecond": .number(busy > 0 ? Double(source.records) / busy : 0),
                "newestFile": WireValue(source.newestSeen.map { Timestamp(milliseconds: $0).description }),
                "setAside": .list(
                    source.aside.sorted { $0.key < $1.key }.map {
                        ["path": .string($0.key), "reason": .string($0.value)]
                    }),
            ]
        }
        let integrity = integrity.map { status -> WireValue in
            [
                "source": .string(status.name), "looked": WireValue(status.looked?.description),
                "verifiedUntil": WireValue(status.verifiedUntil?.description),
                "counts": .structure(
                    status.counts.sorted { $0.key < $1.key }.map { WireMember($0.key, WireValue($0.value)) }),
                "violations": WireValue(status.violations), "pending": WireValue(status.pending),
            ]
        }
        return HTTPResponse(
            status: 200,
            text: JSONWire.text([
                "sources": .list(list), "integrity": .list(integrity),
                "exceptions": .list(exceptions.map(\.wireValue)),
            ]) + "\n", type: "application/json")
    }

    /// Prometheus' text format.
    var metrics: String {
        let series: [(name: String, kind: String, help: String, value: (SourceStatus) -> String)] = [
            ("files_total", "counter", "Files taken.", { String($0.files) }),
            ("records_total", "counter", "Records taken.", { String($0.records) }),
            ("bytes_total", "counter", "Bytes taken, inflated.", { String($0.bytes) }),
            ("files_waiting", "gauge", "Files known and not taken yet.", { String($0.waiting) }),
            ("files_set_aside", "gauge", "Files that could not be read.", { String($0.aside.count) }),
            ("lag_seconds", "gauge", "From the newest file taken to the newest seen.", { String($0.lag) }),
        ]
        var text = ""
        for (name, kind, help, value) in series {
            if sources.isEmpty { break }
            text += "# HELP trailwarden_source_\(name) \(help)\n# TYPE trailwarden_source_\(name) \(kind)\n"
            for source in sources {
                text += "trailwarden_source_\(name){source=\"\(Self.label(source.name))\"} \(value(source))\n"
            }
        }
        if !exceptions.isEmpty {
            let name = "trailwarden_suppressed_matches"
            text += "# HELP \(name) Matches of the last 30 days that an exception kept from counting.\n"
            text += "# TYPE \(name) gauge\n"
            for status in exceptions {
                let (control, exception) = (status.exception.control, Self.label(status.exception.name))
                text += "\(name){control=\"\(control)\",exception=\"\(exception)\"} \(status.suppressed)\n"
            }
        }
        if integrity.isEmpty { return text }
        let name = "trailwarden_integrity_files_total"
        text += "# HELP \(name) Digests and log files verified, by verdict.\n# TYPE \(name) counter\n"
        for status in integrity {
            for (words, count) in status.counts.sorted(by: { $0.key < $1.key }) {
                let parts = words.split(separator: " ")
                text +=
                    "\(name){source=\"\(Self.label(status.name))\",kind=\"\(parts[0])\",verdict=\"\(parts[1])\"} \(count)\n"
            }
        }
        return text
    }

    /// Quotes and backslashes of a path would end the label.
    private static func label(_ text: String) -> String {
        text.map { "\"\\\n".contains($0) ? "_" : String($0) }.joined()
    }
}
