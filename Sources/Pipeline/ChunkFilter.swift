internal import AWSCore
internal import FilterPattern
internal import JSONText
internal import Store
internal import TrailMatcher

/// Finds the events of chunks that match a pattern. For one thread at a time.
///
/// The messages of a chunk lie one behind the other: they are indexed in one go and matched where they lie.
final class ChunkFilter {
    private let text = ChunkText()
    private let index = IndexedText()
    private let context: MatchContext?

    /// - Parameter pattern: nil matches every event.
    init(_ pattern: FilterPattern?) {
        context = pattern.map { MatchContext(TrailMatcher([$0])) }
    }

    /// Calls `body` with the number, the time and the message of each event that matches, in their order.
    func forEachMatch(in chunk: EventChunk, _ body: (Int, Timestamp, UnsafeRawBufferPointer) -> Void) {
        guard text.load(chunk) else { return }
        guard let context else {
            text.forEach { index, time, message, _ in body(index, time, message) }
            return
        }
        var view: JSONView?
        if let messages = text.messages, !messages.isEmpty {
            index.lend(messages)
            _ = index.show(messages.count)
            view = index.view()
        }
        text.forEach { index, time, message, place in
            if let whole = view {
                context.match(place..<place + message.count, of: whole.prefix(place + message.count))
                // A message that ends inside a string turns the inside of those behind it out.
                if whole.hasOddQuotes(place, place + message.count) { view = nil }
            } else {
                context.match(message)
            }
            if context.matches.count > 0 { body(index, time, message) }
        }
    }
}
