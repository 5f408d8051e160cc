internal import Dispatch
internal import Synchronization

/// Does a piece of work for each item on up to `width` threads of their own, because the work waits more than it
/// computes, and gives what came of them in the order of the items.
@discardableResult
public func sideBySide<Item: Sendable, Result: Sendable>(
    _ items: [Item], width: Int = 16, _ work: @escaping @Sendable (Item) -> Result
) -> [Result] {
    guard items.count > 1, width > 1 else { return items.map(work) }
    let next = Mutex(0)
    let results = Mutex([Result?](repeating: nil, count: items.count))
    let group = DispatchGroup()
    for _ in 0..<min(width, items.count) {
        // A queue of its own has a thread of its own.
        DispatchQueue(label: "trailwarden.side-by-side").async(group: group) {
            while true {
                let place = next.withLock { place in
                    place += 1
                    return place - 1
                }
                guard place < items.count else { return }
                let result = work(items[place])
                results.withLock { $0[place] = result }
            }
        }
    }
    group.wait()
    return results.withLock { $0.compactMap { $0 } }
}
