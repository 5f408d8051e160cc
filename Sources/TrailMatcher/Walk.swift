internal import JSONText

// The walk over an event: only the members that the selector tree names are noted, everything else is skipped.
// Of several members with one key the last one counts, so an object is read to its end before its children are.

extension EventMatcher {
    /// Notes the members of the event that some selector begins with, and gives the end of the object; -1 when the
    /// event is none.
    func walkEvent() -> Int {
        let view = state.pointee.view
        let end = state.pointee.end
        let place = view.skipBlanks(state.pointee.start)
        guard place < end, view.bytes[place] == UInt8(ascii: "{") else { return -1 }
        beginWalk(place)
        let objectEnd = walkObject(0, place, descends: true)
        guard objectEnd > 0, state.pointee.hasRepeatedParent else { return objectEnd }
        // What was noted below the first of two members of one key is void: once more, without going down at once.
        state.pointee.epoch &+= 1
        beginWalk(place)
        return walkObject(0, place, descends: false)
    }

    private func beginWalk(_ place: Int) {
        let epoch = state.pointee.epoch
        state.pointee.hasRepeatedParent = false
        state.pointee.found.base[0] = EventState.Found(
            epoch: epoch, walked: epoch, start: Int32(truncatingIfNeeded: place),
            end: Int32(truncatingIfNeeded: state.pointee.end), kind: .object)
    }

    /// Whether there is a value at the node. Looks at the members of its parents first, where that is still to do.
    @inline(__always)
    func resolve(_ node: Int) -> Bool {
        if state.pointee.found.base[node].epoch == state.pointee.epoch { return true }
        return resolveParents(of: node)
    }

    private func resolveParents(of node: Int) -> Bool {
        let parent = Int(machine.pointee.tree.nodes[node].parent)
        guard parent >= 0, resolve(parent) else { return false }
        expand(parent)
        return state.pointee.found.base[node].epoch == state.pointee.epoch
    }

    /// Looks at the members of a node's value, once for an event.
    private func expand(_ node: Int) {
        let entry = state.pointee.found.base + node
        guard entry.pointee.walked != state.pointee.epoch else { return }
        entry.pointee.walked = state.pointee.epoch
        let place = Int(entry.pointee.start)
        switch entry.pointee.kind {
        case .object: if machine.pointee.tree.nodes[node].hasKeys { _ = walkObject(node, place, descends: false) }
        case .array: if machine.pointee.tree.nodes[node].indexCount > 0 { walkArray(node, place) }
        default: break
        }
    }

    /// Notes the members of the object at `place`, and gives its end; -1 when its own structure is broken.
    ///
    /// - Parameter descends: whether to look into objects that will be looked into anyway while passing them.
    private func walkObject(_ node: Int, _ place: Int, descends: Bool) -> Int {
        let view = state.pointee.view
        let bytes = view.bytes
        let entries = state.pointee.keys.entries
        let nodes = machine.pointee.tree.nodes
        let found = state.pointee.found.base
        let epoch = state.pointee.epoch
        let end = state.pointee.end
        var previous = KeyMemory.start(node)
        var next = view.skipBlanks(place &+ 1)
        if bytes[next] == UInt8(ascii: "}") { return next < end ? next &+ 1 : -1 }
        while true {
            guard next < end, bytes[next] == UInt8(ascii: "\"") else { return -1 }
            var value: Int
            let child: Int
            let expected = Int(entries[previous].next)
            if expected != Int(KeyMemory.none), entries[expected].stands(at: bytes + (next &+ 1)) {
                value = next &+ 1 &+ Int(entries[expected].length)
                child = Int(entries[expected].child)
                previous = expected
            } else {
                (value, child, previous) = readKey(next &+ 1, node, previous)
                if value < 0 { return -1 }
            }
            if bytes[value] <= 0x20 { value = view.skipBlanks(value) }
            let isParent = descends && child >= 0 && nodes[child].isEager
            let isRepeated = isParent && found[child].epoch == epoch
            if isRepeated { state.pointee.hasRepeatedParent = true }
            var walked: UInt32 = 0

            let kind: ValueKind
            var valueEnd: Int
            switch bytes[value] {
            case UInt8(ascii: "\""):
                kind = .string
                valueEnd = view.quote(from: value &+ 1) &+ 1
            case UInt8(ascii: "{"):
                kind = .object
                if isParent, !isRepeated {
                    walked = epoch
                    valueEnd = walkObject(child, value, descends: true)
                } else {
                    valueEnd = view.endOfContainer(at: value)
                }
            case UInt8(ascii: "["):
                kind = .array
                valueEnd = view.endOfContainer(at: value)
            case let first:
                kind =
                    first == UInt8(ascii: "t")
                    ? .true
                    : first == UInt8(ascii: "f")
                        ? .false
                        : first == UInt8(ascii: "n") ? .null : .number
                valueEnd = view.endOfScalar(at: value)
            }
            guard valueEnd > value, valueEnd <= end else { return -1 }
            if child >= 0 {
                found[child] = EventState.Found(
                    epoch: epoch, walked: walked, start: Int32(truncatingIfNeeded: value),
                    end: Int32(truncatingIfNeeded: valueEnd), kind: kind)
            }

            next = valueEnd
            if bytes[next] <= 0x20 { next = view.skipBlanks(next) }
            if bytes[next] == UInt8(ascii: ",") {
                next &+= 1
                if bytes[next] <= 0x20 { next = view.skipBlanks(next) }
            } else {
                return bytes[next] == UInt8(ascii: "}") && next < end ? next &+ 1 : -1
            }
        }
    }

    /// Reads a key that was not expected: where its value may begin (-1 when the structure is broken), the node it
    /// leads to, and its entry in the memory of keys.
    private func readKey(_ start: Int, _ node: Int, _ previous: Int) -> (value: Int, child: Int, entry: Int) {
        let view = state.pointee.view
        let end = state.pointee.end
        if let other = state.pointee.keys.takeOther(view.bytes + start, after: previous) {
            let entry = state.pointee.keys.entries[other]
            return (start &+ Int(entry.length), Int(entry.child), other)
        }
        let keyEnd = view.quote(from: start)
        guard keyEnd < end else { return (-1, -1, previous) }
        let colon = view.skipBlanks(keyEnd &+ 1)
        guard view.bytes[colon] == UInt8(ascii: ":") else { return (-1, -1, previous) }
        if view.hasBackslash(start, keyEnd) {
            return (colon &+ 1, findEscapedKey(start, keyEnd, node), KeyMemory.start(node))
        }
        let key = view.bytes + start
        let length = keyEnd &- start
        let keys = machine.pointee.tree.keys
        if colon == keyEnd &+ 1,
            let entry = state.pointee.keys.entry(
                key, length, node: node, child: { keys.find(key, length, space: node) })
        {
            state.pointee.keys.follow(previous, entry)
            return (colon &+ 1, Int(state.pointee.keys.entries[entry].child), entry)
        }
        return (colon &+ 1, keys.find(key, length, space: node), KeyMemory.start(node))
    }

    private func findEscapedKey(_ start: Int, _ end: Int, _ node: Int) -> Int {
        let source = UnsafeRawBufferPointer(start: state.pointee.view.bytes + start, count: end - start)
        let target = state.pointee.arena.allocate(end - start)
        let count = JSONString.decode(source, into: target)
        return machine.pointee.tree.keys.find(target, count, space: node)
    }

    private func walkArray(_ node: Int, _ place: Int) {
        let row = machine.pointee.tree.nodes[node]
        let wanted = machine.pointee.tree.indexes + Int(row.firstIndex)
        let found = state.pointee.found.base
        let epoch = state.pointee.epoch
        var nextWanted = 0
        forEachElement(place) { index, kind, start, end in
            if Int(wanted[nextWanted].index) == index {
                found[Int(wanted[nextWanted].node)] = EventState.Found(
                    epoch: epoch, walked: 0, start: Int32(truncatingIfNeeded: start),
                    end: Int32(truncatingIfNeeded: end),
                    kind: kind)
                nextWanted &+= 1
            }
            return nextWanted < Int(row.indexCount)
        }
    }

    /// Calls `body` with the place of each element of the array at `place`, until it says false or the array ends.
    func forEachElement(_ place: Int, _ body: (Int, ValueKind, Int, Int) -> Bool) {
        let view = state.pointee.view
        let end = state.pointee.end
        var next = view.skipBlanks(place &+ 1)
        var index = 0
        guard view.bytes[next] != UInt8(ascii: "]") else { return }
        while next < end, let (kind, valueEnd) = view.skipValue(next, end) {
            guard body(index, kind, next, valueEnd) else { return }
            next = view.skipBlanks(valueEnd)
            guard next < end, view.bytes[next] == UInt8(ascii: ",") else { return }
            next = view.skipBlanks(next &+ 1)
            index &+= 1
        }
    }
}

extension JSONView {
    /// The type of the value at `place` and where it ends; nil when that is behind `end`.
    @inline(__always)
    func skipValue(_ place: Int, _ end: Int) -> (kind: ValueKind, end: Int)? {
        let kind: ValueKind =
            switch bytes[place] {
            case UInt8(ascii: "\""): .string
            case UInt8(ascii: "{"): .object
            case UInt8(ascii: "["): .array
            case UInt8(ascii: "t"): .true
            case UInt8(ascii: "f"): .false
            case UInt8(ascii: "n"): .null
            default: .number
            }
        let last = endOfValue(at: place)
        return last > place && last <= end ? (kind, last) : nil
    }
}
