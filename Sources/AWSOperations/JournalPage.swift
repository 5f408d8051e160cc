internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import Store

/// A page of a journal, what is not committed yet included. The token of the next page is a number of entries.
final class JournalPage {
    private(set) var entries: [Batch.Entry] = []
    private(set) var nextToken: String?
    private var seen = 0
    private let skipped: Int
    private let limit: Int

    init(token: String?, limit: Int, invalid: @autoclosure () -> AWSFault) throws(AWSFault) {
        guard let skipped = token == nil ? 0 : token.flatMap({ Int($0) }), skipped >= 0 else { throw invalid() }
        self.skipped = skipped
        self.limit = limit
    }

    func read(
        _ state: PipelineState, _ journal: String, in scope: Scope, subject: String?, from start: Timestamp,
        to end: Timestamp, newestFirst: Bool, wants: (Batch.Entry) -> Bool
    ) throws(AWSFault) {
        let pending = state.pendingEntries(of: journal, in: scope, subject: subject)
            .filter { $0.time >= start && $0.time <= end && wants($0) }
        if newestFirst { for entry in pending.reversed() where nextToken == nil { take(entry) } }
        if nextToken == nil {
            do throws(StoreError) {
                try state.stored.entries(
                    of: journal, in: scope, subject: subject, from: start, to: end, newestFirst: newestFirst
                ) {
                    if wants($0) { self.take($0) }
                    return self.nextToken == nil
                }
            } catch {
                throw AWSFault.unavailable(error)
            }
        }
        if !newestFirst { for entry in pending where nextToken == nil { take(entry) } }
    }

    private func take(_ entry: Batch.Entry) {
        seen += 1
        if seen <= skipped { return }
        if entries.count < limit { entries.append(entry) } else { nextToken = String(skipped + entries.count) }
    }
}
