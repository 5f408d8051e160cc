// The fuzzer's entry; Scripts/fuzz compiles it together with the room it is for.

private let vocabulary = Vocabulary(
    fields: ["eventName", "userIdentity", "type"], alwaysPresent: [Selector("eventName")],
    eventNames: ["iam.amazonaws.com": ["DeletePolicy", "CreatePolicy", "CreateUser"]])

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    let report = FilterPattern.check(text, vocabulary)
    guard let pattern = report.pattern else {
        precondition(report.diagnostics.contains { $0.severity == .error })
        if let proposal = report.repaired ?? report.shorter {
            precondition((try? PatternText(proposal).parse(limit: .max)) != nil)
        }
        return 0
    }
    _ = PatternExplanation(pattern)
    for printed in [pattern.description, pattern.compactDescription]
    where printed.unicodeScalars.count <= FilterPattern.maximumLength {
        guard let again = try? FilterPattern(printed), again == pattern else {
            preconditionFailure("`\(text)` prints as `\(printed)`")
        }
    }
    return 0
}
