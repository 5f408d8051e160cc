internal import JSONText

// The walk over an event: only the members that the selector tree names are noted, everything else is skipped.
// Of several members with one key the last one counts, so an object is read to its end before its children are.

extension MatchContext {
    /// Notes the members of the event that some selector begins with. False when the event is no JSON object.
    func walkEvent() -> Bool {
        let place = view.skipBlanks(start)
        guard place < end, view.bytes[place] == UInt8(ascii: "{") else { return false }
        found.base[0] = Found(epoch: epoch, walked: epoch, start: Int32(place), end: Int32(end), kind: .object)
        return walkObject(0, place)
    }

    /// Whether there is a value at the node. Looks at the members of its parents first, where that is still to do.
    func resolve(_ node: Int) -> Bool {
        if found.base[node].epoch == epoch { return true }
        let parent = Int(matcher.tree.nodes.base[node].parent)
        guard parent >= 0, resolve(parent) else { return false }
        expand(parent)
        return found.base[node].epoch == epoch
    }

    /// Looks at the members of a node's value, once for an event.
    func expand(_ node: Int) {
        guard found.base[node].walked != epoch else { return }
        found.base[node].walked = epoch
        let place = Int(found.base[node].start)
        switch found.base[node].kind {
        case .object: if matcher.tree.nodes.base[node].hasKeys { _ = walkObject(node, place) }
        case .array: if matcher.tree.nodes.base[node].indexCount > 0 { walkArray(node, place) }
        default: break
        }
    }

    /// Notes the members of the object at `place`. False when its own structure is broken.
    private func walkObject(_ node: Int, _ place: Int) -> Bool {
        let view = self.view
        let bytes = view.bytes
        let keys = matcher.tree.keys
        let found = self.found.base
        let epoch = self.epoch
        let end = self.end
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
            guard let (kind, valueEnd) = skipValue(value) else { return false }
            let child =
                view.hasBackslash(keyStart, keyEnd)
                ? findEscapedKey(keyStart, keyEnd, node)
                : keys.find(bytes + keyStart, keyEnd &- keyStart, space: node)
            if child >= 0 {
                found[child] = Found(
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

    /// The type of the value at `place` and where it ends; nil when the event ends first.
    @inline(__always)
    func skipValue(_ place: Int) -> (kind: ValueKind, end: Int)? {
        let kind: ValueKind
        var last: Int
        switch view.bytes[place] {
        case UInt8(ascii: "\""):
            kind = .string
            last = view.quote(from: place &+ 1) &+ 1
        case UInt8(ascii: "{"):
            kind = .object
            last = view.endOfContainer(at: place)
        case UInt8(ascii: "["):
            kind = .array
            last = view.endOfContainer(at: place)
        case UInt8(ascii: "t"):
            kind = .true
            last = view.endOfScalar(at: place)
        case UInt8(ascii: "f"):
            kind = .false
            last = view.endOfScalar(at: place)
        case UInt8(ascii: "n"):
            kind = .null
            last = view.endOfScalar(at: place)
        default:
            kind = .number
            last = view.endOfScalar(at: place)
        }
        return last > place && last <= end ? (kind, last) : nil
    }

    private func findEscapedKey(_ start: Int, _ end: Int, _ node: Int) -> Int {
        let source = UnsafeRawBufferPointer(start: view.bytes + start, count: end - start)
        let target = arena.allocate(end - start)
        let count = JSONString.decode(source, into: target)
        return matcher.tree.keys.find(target, count, space: node)
    }

    private func walkArray(_ node: Int, _ place: Int) {
        let row = matcher.tree.nodes.base[node]
        let wanted = matcher.tree.indexes.base + Int(row.firstIndex)
        var nextWanted = 0
        forEachElement(place) { index, kind, start, end in
            if Int(wanted[nextWanted].index) == index {
                found.base[Int(wanted[nextWanted].node)] = Found(
                    epoch: epoch, walked: 0, start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
                    kind: kind)
                nextWanted &+= 1
            }
            return nextWanted < Int(row.indexCount)
        }
    }

    /// Calls `body` with the place of each element of the array at `place`, until it says false or the array ends.
    func forEachElement(_ place: Int, _ body: (Int, ValueKind, Int, Int) -> Bool) {
        var next = view.skipBlanks(place &+ 1)
        var index = 0
        guard view.bytes[next] != UInt8(ascii: "]") else { return }
        while next < end, let (kind, valueEnd) = skipValue(next) {
            guard body(index, kind, next, valueEnd) else { return }
            next = view.skipBlanks(valueEnd)
            guard next < end, view.bytes[next] == UInt8(ascii: ",") else { return }
            next = view.skipBlanks(next &+ 1)
            index &+= 1
        }
    }
}
