public import WireValues

/// What the APIs of an account have answered, to be audited another time or by somebody without credentials.
public final class AccountSnapshot: AccountReader {
    private enum Answer {
        case output(WireValue)
        case failure(ReadFailure)
    }

    /// The calls in the order in which they were made first.
    private var order: [String] = []
    private var answers: [String: (call: WireValue, answer: Answer)] = [:]
    private let live: (any AccountReader)?

    /// Reads an account and keeps what it answers.
    public init(recording live: any AccountReader) {
        self.live = live
    }

    /// Why a text is no snapshot.
    public struct FormatError: Error, CustomStringConvertible, Sendable {
        public var description: String
    }

    /// Reads the text of a snapshot.
    public init(_ text: String) throws(FormatError) {
        live = nil
        guard let root = JSONWire.parse(text) else { throw FormatError(description: "it is not JSON") }
        guard root.text("format") == "trailwarden-snapshot", root.number("version") == 1 else {
            throw FormatError(description: "it is no snapshot that this version of trailwarden knows")
        }
        for call in root.items("calls") {
            let key = Self.key(
                call.text("service") ?? "", call.text("operation") ?? "", call["input"] ?? .empty,
                call.text("region") ?? "")
            if let error = call["error"] {
                let failure = ReadFailure(
                    code: error.text("code") ?? "", message: error.text("message") ?? "",
                    action: error.text("action") ?? "")
                keep(key, call, .failure(failure))
            } else {
                keep(key, call, .output(call["output"] ?? .empty))
            }
        }
    }

    /// The regions in which trails were looked for.
    public var regions: [String] {
        var regions: [String] = []
        for key in order {
            guard let call = answers[key]?.call, call.text("operation") == "DescribeTrails",
                let region = call.text("region"), !regions.contains(region)
            else { continue }
            regions.append(region)
        }
        return regions.isEmpty ? ["us-east-1"] : regions
    }

    /// The snapshot as JSON.
    public var text: String {
        JSONWire.text([
            "format": "trailwarden-snapshot", "version": 1,
            "calls": .list(order.compactMap { answers[$0]?.call }),
        ])
    }

    public func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue {
        let key = Self.key(service, operation, input, region)
        if let known = answers[key] {
            switch known.answer {
            case .output(let output): return output
            case .failure(let failure): throw failure
            }
        }
        let action = ReadFailure.action(service, operation)
        guard let live else {
            throw ReadFailure(code: "", message: "the snapshot does not hold it", action: action)
        }
        let head: [WireMember] = [
            WireMember("service", .string(service)), WireMember("region", .string(region)),
            WireMember("operation", .string(operation)), WireMember("input", input),
        ]
        do throws(ReadFailure) {
            let output = try live.call(service, operation, input, region: region)
            keep(key, .structure(head + [WireMember("output", output)]), .output(output))
            return output
        } catch {
            let words: WireValue = [
                "code": .string(error.code), "message": .string(error.message), "action": .string(error.action),
            ]
            keep(key, .structure(head + [WireMember("error", words)]), .failure(error))
            throw error
        }
    }

    private func keep(_ key: String, _ call: WireValue, _ answer: Answer) {
        if answers[key] == nil { order.append(key) }
        answers[key] = (call, answer)
    }

    private static func key(_ service: String, _ operation: String, _ input: WireValue, _ region: String) -> String {
        "\(service) \(region) \(operation) \(JSONWire.text(input))"
    }
}
