internal import Synchronization
public import WireValues

/// What the APIs of an account have answered, to be audited another time or by somebody without credentials.
public final class AccountSnapshot: AccountReader {
    private struct Answers {
        /// The calls in the order in which they were made first.
        var order: [String] = []
        var known: [String: (call: WireValue, answer: Result<WireValue, ReadFailure>)] = [:]

        mutating func keep(_ key: String, _ call: WireValue, _ answer: Result<WireValue, ReadFailure>) {
            if known[key] == nil { order.append(key) }
            known[key] = (call, answer)
        }
    }

    private let answers: Mutex<Answers>
    private let live: (any AccountReader)?

    /// Whether it reads an account, or is what was saved of one.
    var isRecording: Bool { live != nil }

    /// Reads an account and keeps what it answers.
    public init(recording live: any AccountReader) {
        self.live = live
        answers = Mutex(Answers())
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
        var answers = Answers()
        for call in root.items("calls") {
            let key = Self.key(
                call.text("service") ?? "", call.text("operation") ?? "", call["input"] ?? .empty,
                call.text("region") ?? "")
            if let error = call["error"] {
                let failure = ReadFailure(
                    code: error.text("code") ?? "", message: error.text("message") ?? "",
                    action: error.text("action") ?? "")
                answers.keep(key, call, .failure(failure))
            } else {
                answers.keep(key, call, .success(call["output"] ?? .empty))
            }
        }
        self.answers = Mutex(answers)
    }

    /// The regions in which trails were looked for, that of the caller first.
    public var regions: [String] {
        let calls = answers.withLock { answers in answers.order.compactMap { answers.known[$0]?.call } }
        func regions(_ operation: String) -> [String] {
            calls.filter { $0.text("operation") == operation }.compactMap { $0.text("region") }
        }
        var found: [String] = []
        for region in regions("GetCallerIdentity") + regions("DescribeTrails") where !found.contains(region) {
            found.append(region)
        }
        return found.isEmpty ? ["us-east-1"] : found
    }

    /// The snapshot as JSON.
    public var text: String {
        let answers = answers.withLock { $0 }
        // Calls are made side by side, so their order says nothing.
        let calls = answers.order.sorted().compactMap { answers.known[$0]?.call }
        return JSONWire.text(["format": "trailwarden-snapshot", "version": 1, "calls": .list(calls)])
    }

    public func call(
        _ service: String, _ operation: String, _ input: WireValue, region: String
    ) throws(ReadFailure) -> WireValue {
        let key = Self.key(service, operation, input, region)
        if let known = answers.withLock({ $0.known[key]?.answer }) { return try known.get() }
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
            answers.withLock {
                $0.keep(key, .structure(head + [WireMember("output", output)]), .success(output))
            }
            return output
        } catch {
            let words: WireValue = [
                "code": .string(error.code), "message": .string(error.message), "action": .string(error.action),
            ]
            answers.withLock { $0.keep(key, .structure(head + [WireMember("error", words)]), .failure(error)) }
            throw error
        }
    }

    private static func key(_ service: String, _ operation: String, _ input: WireValue, _ region: String) -> String {
        "\(service) \(region) \(operation) \(JSONWire.text(input))"
    }
}
