// How long it takes to decide whether filters cover a control: single filters, and the union of a hundred of which each
// sees one call, with what people add to them. Prints one JSON object, times in milliseconds.

import Controls
import Coverage
import FilterPattern
import Foundation

func milliseconds(_ body: () -> Void) -> Double {
    let start = ContinuousClock.now
    body()
    let took = ContinuousClock.now - start
    return Double(took.components.attoseconds) / 1e15 + Double(took.components.seconds) * 1000
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

var single: [Double] = []
for control in Catalogue.controls {
    guard let pattern = try? FilterPattern(control.publishedPattern(in: .newest)) else { continue }
    for _ in 0..<20 { single.append(milliseconds { _ = Coverage(of: control, by: [pattern]) }) }
}

let additions = [
    "", " && $.errorCode NOT EXISTS", " && $.userIdentity.accountId = 111122223333", " && $.readOnly IS FALSE",
    #" && $.awsRegion = "eu-*""#, #" && $.userIdentity.arn != "*role/deploy*""#,
]
let names = Catalogue.controls.flatMap { $0.occasions(in: .newest).map(\.name) }
let hundred = (0..<100).compactMap { i in
    try? FilterPattern("{ $.eventName = \(names[i % names.count])\(additions[i / 3 % additions.count]) }")
}
var union: [Double] = []
for control in Catalogue.controls {
    guard let required = try? FilterPattern(control.requirement(in: .newest)) else { continue }
    union.append(milliseconds { _ = required.example(butNot: hundred, facts: DomainFact.cloudTrail) })
}
print(
    "{\"singleMedian\": \(median(single)), \"singleWorst\": \(single.max() ?? 0), \"filters\": \(hundred.count), "
        + "\"unionMedian\": \(median(union)), \"unionWorst\": \(union.max() ?? 0)}")
