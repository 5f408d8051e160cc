internal import AWSCore
internal import HTTP
internal import LogSources
internal import WireValues

/// How the sources are getting on: as JSON for `GET /status`, and for Prometheus.
struct StatusPage {
    let sources: [SourceStatus]

    var response: HTTPResponse {
        let list = sources.map { source -> WireValue in
            let busy = Double(source.busyMilliseconds) / 1000
            return [
                "source": .string(source.name), "files": WireValue(source.files), "records": WireValue(source.records),
                "bytes": WireValue(source.bytes), "faults": WireValue(source.faults),
                "waiting": WireValue(source.waiting),
                "caughtUp": .bool(source.hasCaughtUp),
                "lagSeconds": .number(source.lag),
                "recordsPerSecond": .number(busy > 0 ? Double(source.records) / busy : 0),
                "newestFile": WireValue(source.newestSeen.map { Timestamp(milliseconds: $0).description }),
                "setAside": .list(
                    source.aside.sorted { $0.key < $1.key }.map {
                        ["path": .string($0.key), "reason": .string($0.value)]
                    }),
            ]
        }
        return HTTPResponse(
            status: 200, text: JSONWire.text(["sources": .list(list)]) + "\n", type: "application/json")
    }

    /// Prometheus' text format.
    var metrics: String {
        if sources.isEmpty { return "" }
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
            text += "# HELP trailwarden_source_\(name) \(help)\n# TYPE trailwarden_source_\(name) \(kind)\n"
            for source in sources {
                // Quotes and backslashes of a path would end the label.
                let label = source.name.map { "\"\\\n".contains($0) ? "_" : String($0) }.joined()
                text += "trailwarden_source_\(name){source=\"\(label)\"} \(value(source))\n"
            }
        }
        return text
    }
}
