internal import JSONText

// Selectors with a wildcard find several values. They are rare, so their paths are followed one by one.

/// The members of one object, of which the last with a key counts.
struct MemberTable {
    struct Member: BitwiseCopyable {
        var key: UnsafePointer<UInt8>
        var keyCount: Int
        var kind: ValueKind
        var start: Int
        var end: Int
    }

    private(set) var members: [Member] = []
    private var slots: [Int32] = []

    mutating func clear() {
        members.removeAll(keepingCapacity: true)
    }

    /// Adds a member, or replaces the one with the same key.
    mutating func insert(_ member: Member) {
        if slots.count < (members.count + 1) * 2 { rehash() }
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: byteHash(member.key, member.keyCount)) & mask
        while slots[place] >= 0 {
            let other = Int(slots[place])
            if other < members.count, members[other].keyCount == member.keyCount,
                equal(members[other].key, member.key, member.keyCount)
            {
                members[other] = member
                return
            }
            place = (place + 1) & mask
        }
        slots[place] = Int32(members.count)
        members.append(member)
    }

    mutating func begin() {
        clear()
        for i in slots.indices { slots[i] = -1 }
    }

    private mutating func rehash() {
        slots = [Int32](repeating: -1, count: max(32, slots.count * 2))
        let mask = slots.count - 1
        for (number, member) in members.enumerated() {
            var place = Int(truncatingIfNeeded: byteHash(member.key, member.keyCount)) & mask
            while slots[place] >= 0 { place = (place + 1) & mask }
            slots[place] = Int32(number)
        }
    }
}

extension EventMatcher {
    /// The places in `several` of what a wildcard selector finds in this event.
    func severalValues(_ number: Int) -> Range<Int> {
        if state.pointee.valueEpochs.base[number] != state.pointee.epoch {
            let first = state.pointee.several.count
            let source = owner._withUnsafeGuaranteedRef { $0.sources[number] }
            if case .paths(let node, let path) = source, state.pointee.isObject, resolve(node) {
                let entry = state.pointee.found.base[node]
                follow(path.steps[...], entry.kind, Int(entry.start), Int(entry.end))
            }
            state.pointee.severalRanges.base[number] = (Int32(first), Int32(state.pointee.several.count))
            state.pointee.valueEpochs.base[number] = state.pointee.epoch
        }
        let range = state.pointee.severalRanges.base[number]
        return Int(range.start)..<Int(range.end)
    }

    private func follow(_ steps: ArraySlice<WildcardPath.Step>, _ kind: ValueKind, _ start: Int, _ end: Int) {
        guard let step = steps.first else {
            let value = read(kind, start, end)
            state.pointee.several.append(value)
            return
        }
        let rest = steps.dropFirst()
        switch step {
        case .index(let wanted):
            guard kind == .array else { return }
            forEachElement(start) { index, kind, start, end in
                if index == wanted { follow(rest, kind, start, end) }
                return index < wanted
            }
        case .anyElement:
            guard kind == .array else { return }
            forEachElement(start) { _, kind, start, end in
                follow(rest, kind, start, end)
                return true
            }
        case .key(let key):
            guard kind == .object else { return }
            for member in members(of: start) where member.keyCount == key.count {
                let isWanted = key.withUnsafeBufferPointer { wanted in
                    (0..<member.keyCount).allSatisfy { wanted[$0] == member.key[$0] }
                }
                if isWanted { follow(rest, member.kind, member.start, member.end) }
            }
        case .anyMember:
            guard kind == .object else { return }
            for member in members(of: start) { follow(rest, member.kind, member.start, member.end) }
        }
    }

    private func members(of place: Int) -> [MemberTable.Member] {
        let view = state.pointee.view
        let end = state.pointee.end
        state.pointee.members.begin()
        var next = view.skipBlanks(place &+ 1)
        while next < end, view.bytes[next] == UInt8(ascii: "\"") {
            let keyEnd = view.quote(from: next &+ 1)
            guard keyEnd < end else { break }
            let key = read(.string, next, keyEnd &+ 1)
            let colon = view.skipBlanks(keyEnd &+ 1)
            guard view.bytes[colon] == UInt8(ascii: ":") else { break }
            let value = view.skipBlanks(colon &+ 1)
            guard let (kind, valueEnd) = view.skipValue(value, end), let keyText = key.text else { break }
            state.pointee.members.insert(
                .init(key: keyText, keyCount: Int(key.count), kind: kind, start: value, end: valueEnd))
            next = view.skipBlanks(valueEnd)
            guard view.bytes[next] == UInt8(ascii: ",") else { break }
            next = view.skipBlanks(next &+ 1)
        }
        return state.pointee.members.members
    }
}
