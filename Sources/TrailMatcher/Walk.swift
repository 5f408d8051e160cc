internal import JSONText

// The walk over an event: only the members that the selector tree names are noted, everything else is skipped.
// Of several members with one key the last one counts, so an object is read to its end before its children are.

extension EventMatcher {
    /// Notes the members of the event that some selector begins with. False when the event is no JSON object.
    func walkEvent() -> Bool {
        let view = state.pointee.view
        let end = state.pointee.end
        let place = view.skipBlanks(state.pointee.start)
        guard place < end, view.bytes[place] == UInt8(ascii: "{") else { return false }
        let epoch = state.pointee.epoch
        state.pointee.found.base[0] = EventState.Found(
            epoch: epoch, walked: epoch, start: Int32(truncatingIfNeeded: place), end: Int32(truncatingIfNeeded: end),
            kind: .object)
        return walkObject(0, place)
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
        case .object: if machine.pointee.tree.nodes[node].hasKeys { _ = walkObject(node, place) }
        case .array: if machine.pointee.tree.nodes[node].indexCount > 0 { walkArray(node, place) }
        default: break
        }
    }

    /// Notes the members of the object at `place`. False when its own structure is broken.
    private func walkObject(_ node: Int, _ place: Int) -> Bool {
        let view = state.pointee.view
        let bytes = view.bytes
        let keys = machine.pointee.tree.keys
        let found = state.pointee.found.base
        let epoch = state.pointee.epoch
        let end = state.pointee.end
        var next = view.skipBlanks(place &+ 1)
        if bytes[next] == UInt8(ascii: "}") { return next < end }
        while true {
            guard next < end, bytes[next] == UInt8(ascii: "\"") else { return false }
            let keyStart = next &+ 1
            let keyEnd = view.quote(from: keyStart)
            guard keyEnd < end else { return false }
            next = view.skipBlanks(keyEnd &+ 1)
            guard bytes[next] == UInt8(ascii: ":") else { return false }
            let value = view.skipBlanks(next &+ 1)
            guard let (kind, valueEnd) = view.skipValue(value, end) else { return false }
            let child =
                view.hasBackslash(keyStart, keyEnd)
                ? findEscapedKey(keyStart, keyEnd, node)
                : keys.find(bytes + keyStart, keyEnd &- keyStart, space: node)
            if child >= 0 {
                found[child] = EventState.Found(
                    epoch: epoch, walked: 0, start: Int32(truncatingIfNeeded: value),
                    end: Int32(truncatingIfNeeded: valueEnd), kind: kind)
            }
            next = view.skipBlanks(valueEnd)
            let byte = bytes[next]
            if byte == UInt8(ascii: ",") {
                next = view.skipBlanks(next &+ 1)
            } else {
                return byte == UInt8(ascii: "}") && next < end
            }
        }
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
                    epoch: epoch, walked: 0, start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
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
        let kind: ValueKind
        var last: Int
        switch bytes[place] {
        case UInt8(ascii: "\""):
            kind = .string
            last = quote(from: place &+ 1) &+ 1
        case UInt8(ascii: "{"):
            kind = .object
            last = endOfContainer(at: place)
        case UInt8(ascii: "["):
            kind = .array
            last = endOfContainer(at: place)
        case UInt8(ascii: "t"):
            kind = .true
            last = endOfScalar(at: place)
        case UInt8(ascii: "f"):
            kind = .false
            last = endOfScalar(at: place)
        case UInt8(ascii: "n"):
            kind = .null
            last = endOfScalar(at: place)
        default:
            kind = .number
            last = endOfScalar(at: place)
        }
        return last > place && last <= end ? (kind, last) : nil
    }
}
