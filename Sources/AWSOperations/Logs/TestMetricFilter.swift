internal import AWSWire
internal import FilterPattern
internal import TrailMatcher
internal import WireValues

extension Operation where Context == Call {
    static let testMetricFilter = data("TestMetricFilter") { (input, _) throws(AWSFault) in
        let pattern = try input.filterPattern().pattern
        let messages = try input.strings("logEventMessages", 1...50)
        let fields = pattern.selectors
        let context = MatchContext(TrailMatcher([pattern], captures: fields.map(\.selector)))
        var matches: [WireValue] = []
        for (number, message) in messages.enumerated() {
            var message = message
            message.withUTF8 { context.match(UnsafeRawBufferPointer($0)) }
            guard context.matches.count > 0 else { continue }
            var values = context.extractedFields(of: 0)
            for (i, field) in fields.enumerated() {
                guard let text = context.capture(i).text else { continue }
                values[field.text] = String(decoding: text, as: UTF8.self)
            }
            matches.append([
                "eventNumber": WireValue(number + 1), "eventMessage": .string(message),
                "extractedValues": WireValue(values),
            ])
        }
        return ["matches": .list(matches)]
    }
}

extension FilterPattern {
    /// The selectors of a JSON pattern that find one value, each with its text.
    fileprivate var selectors: [(selector: Selector, text: String)] {
        guard case .json(let formula) = self else { return [] }
        var known: Set<Selector> = []
        return formula.leaves.map(\.selector).filter { !$0.isWildcard && known.insert($0).inserted }
            .map { ($0, $0.description) }
    }
}
