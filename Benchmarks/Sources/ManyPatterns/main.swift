// Many mixed patterns over events in memory: how long they take to compile, and events per CPU second.
//
//   ManyPatterns COUNT FILE     FILE holds one event a line; prints one JSON object

import FilterPattern
import Glibc
import TrailMatcher

/// Seconds of processor time that this process has used.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Patterns as people write them, each different: names, sources, wildcards, numbers, exclusions, presence, texts,
/// fields and regular expressions. One in 500 matches a part of the events, the others hardly any.
func pattern(_ i: Int) -> String {
    let services = ["ec2", "s3", "iam", "kms", "sts", "logs", "lambda", "ssm", "dynamodb", "glue"]
    let verbs = ["Create", "Delete", "Put", "Update", "Attach", "Detach", "Describe", "List"]
    let service = services[i % services.count]
    let name = "\(verbs[i / 7 % verbs.count])Thing\(i)"
    func json(_ conditions: String...) -> String { "{ \(conditions.joined(separator: " && ")) }" }
    func called(_ text: String) -> String { "($.eventName = \"\(text)\")" }
    if i % 500 == 250 { return json("$.readOnly IS TRUE", called("Describe*"), "($.awsRegion != \"r\(i)\")") }
    if i % 200 == 18 { return json("$.eventName = %^\(name)[0-9]+$%", "$.awsRegion = \"eu-west-\(i % 9)\"") }
    if i % 400 == 19 { return "[tag = \"\(name)\", ..., size > \(i)]" }
    switch i % 20 {
    case 0...5: return json("($.eventSource = \"\(service).amazonaws.com\")", called(name))
    case 6, 7: return json("(\(called(name)) || \(called(name + "Batch")) || \(called("Stop" + name)))")
    case 8: return json(called(name + "*"))
    case 9: return json("$.userIdentity.arn = \"*role/service-\(i)/deploy\"")
    case 10:
        return json("$.errorCode = \"AccessDenied*\"", "$.userIdentity.arn = \"arn:aws:sts::\(100_000_000_000 + i):*\"")
    case 11: return json("$.requestParameters.durationSeconds = \(3601 + i)", "$.eventName != \"AssumeRole\"")
    case 12:
        let address = "198.51.\(i / 256 % 256).\(i % 256)"
        return json("$.sourceIPAddress = \"\(address)\"", "$.userIdentity.invokedBy NOT EXISTS")
    case 13: return json("$.requestParameters.bucketName = \"tenant-\(i)-data\"", "$.readOnly IS FALSE")
    case 14: return json("$.resources[0].ARN = \"arn:aws:s3:::bucket-\(i)/*\"")
    case 15: return "\"\(name)Denied\""
    case 16: return "\"session-\(1000 + i)\" -\"AWS Internal\""
    case 17: return json("$.recipientAccountId = \"\(200_000_000_000 + i)\"", called("Delete*"))
    case 18: return json(called(name), "$.awsRegion != \"us-east-1\"")
    default: return json("$.userAgent = \"*tool-\(i)/*\"")
    }
}

func lines(_ path: String) -> [[UInt8]] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var result: [[UInt8]] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    while case let count = getline(&line, &capacity, file), count > 1, let line {
        let bytes = UnsafeRawBufferPointer(start: line, count: count - 1)
        result.append(Array(bytes))
    }
    free(line)
    return result
}

let count = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[1]) ?? 10_000 : 10_000
let events = lines(CommandLine.arguments.last ?? "")
let texts = (0..<count).map(pattern)

let begin = processorTime()
let parsed = texts.compactMap { try? FilterPattern($0) }
let matcher = TrailMatcher(parsed)
let compiled = processorTime()
let context = MatchContext(matcher)
var matches = 0
var seen = 0
// Once to warm up, then for at least two seconds.
for event in events { event.withUnsafeBytes { context.match($0) } }
let start = processorTime()
repeat {
    for event in events {
        event.withUnsafeBytes { context.match($0) }
        matches += context.matches.count
    }
    seen += events.count
} while processorTime() - start < 2
let seconds = processorTime() - start
print(
    "{\"patterns\": \(parsed.count), \"legal\": \(parsed.count == texts.count), \"compileSeconds\": \(compiled - begin), "
        + "\"eventsPerSecond\": \(Int(Double(seen) / seconds)), \"matchesPerEvent\": \(Double(matches) / Double(seen))}"
)
