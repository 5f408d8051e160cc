internal import FilterPattern

/// Something cheap to find in an event that a pattern can't match without.
///
/// A pattern is evaluated only when one of its triggers is found, so that an event costs what it holds and not how
/// many patterns there are.
enum Trigger: Hashable {
    case text(value: Int, [UInt8])
    case prefix(value: Int, [UInt8])
    case suffix(value: Int, [UInt8])
    case substring(value: Int, [UInt8])
    case number(value: Int, [UInt8])
    /// The value is there, whatever it is.
    case present(value: Int)
    /// The message holds the term of that number.
    case term(Int)

    /// The value it looks at, or -1 for the message.
    var value: Int {
        switch self {
        case .text(let value, _), .prefix(let value, _), .suffix(let value, _), .substring(let value, _),
            .number(let value, _), .present(let value):
            value
        case .term: -1
        }
    }

    /// How likely it is to be found in an event, on a scale of its own.
    ///
    /// A value that is compared with many texts takes many: names of calls are told apart better than services. So one
    /// text of `constants` is found the more rarely the more there are.
    func cost(constants: Int) -> Double {
        switch self {
        case .text, .number: 1 / Double(constants + 1)
        case .prefix, .suffix: 4 / Double(constants + 4)
        case .substring, .term: 8 / Double(constants + 8)
        case .present: 1
        }
    }
}

/// Triggers of which one is found in every event that matches; nil when there is no such set.
typealias Cover = (cost: Double, triggers: [Trigger])?

extension Formula {
    /// The cheapest cover: that of one part of a conjunction, those of all parts of a disjunction.
    func cover(_ leaf: (Leaf) -> Cover) -> Cover {
        switch self {
        case .leaf(let value): return leaf(value)
        case .all(let parts): return parts.compactMap { $0.cover(leaf) }.min { $0.cost < $1.cost }
        case .any(let parts):
            var cost = 0.0
            var triggers: [Trigger] = []
            for part in parts {
                guard let cover = part.cover(leaf) else { return nil }
                cost += cover.cost
                triggers += cover.triggers
            }
            return (cost, triggers)
        }
    }
}

/// For each trigger of a kind, the patterns to evaluate: `patterns[starts[trigger]..<starts[trigger + 1]]`.
struct TriggerLists: BitwiseCopyable {
    let starts: UnsafePointer<Int32>
    let patterns: UnsafePointer<Int32>

    init(_ lists: [[Int32]], in pool: MemoryPool) {
        var places: [Int32] = [0]
        for list in lists { places.append(places[places.count - 1] + Int32(list.count)) }
        starts = pool.array(places)
        patterns = pool.array(lists.flatMap(\.self))
    }
}

/// The triggers on one value.
struct ValueTriggers: BitwiseCopyable {
    let value: Int
    /// Triggers by text, when there are any; and so on. Behind pointers, lest the tables be copied for each event.
    let texts: UnsafePointer<ByteTable>?
    let numbers: UnsafePointer<ByteTable>?
    let prefixes: UnsafePointer<AffixSet>?
    let suffixes: UnsafePointer<AffixSet>?
    let substrings: UnsafePointer<SubstringSet>?
    let substringTriggers: UnsafePointer<Int32>
    /// The trigger of mere presence, or -1.
    let present: Int

    init(value: Int, _ triggers: [(trigger: Trigger, number: Int)], in pool: MemoryPool) {
        var texts: [(space: Int, bytes: [UInt8], number: Int)] = []
        var numbers: [(space: Int, bytes: [UInt8], number: Int)] = []
        var prefixes: [(bytes: [UInt8], number: Int)] = []
        var suffixes: [(bytes: [UInt8], number: Int)] = []
        var substrings: [(bytes: [UInt8], number: Int)] = []
        var present = -1
        for (trigger, number) in triggers {
            switch trigger {
            case .text(_, let bytes): texts.append((0, bytes, number))
            case .number(_, let bytes): numbers.append((0, bytes, number))
            case .prefix(_, let bytes): prefixes.append((bytes, number))
            case .suffix(_, let bytes): suffixes.append((bytes, number))
            case .substring(_, let bytes): substrings.append((bytes, number))
            case .present: present = number
            case .term: break
            }
        }
        self.value = value
        self.texts = texts.isEmpty ? nil : pool.value(ByteTable(texts, in: pool))
        self.numbers = numbers.isEmpty ? nil : pool.value(ByteTable(numbers, in: pool))
        self.prefixes = prefixes.isEmpty ? nil : pool.value(AffixSet(prefixes, atEnd: false, in: pool))
        self.suffixes = suffixes.isEmpty ? nil : pool.value(AffixSet(suffixes, atEnd: true, in: pool))
        self.substrings = substrings.isEmpty ? nil : pool.value(SubstringSet(substrings.map(\.bytes), in: pool))
        substringTriggers = pool.array(substrings.map { Int32($0.number) })
        self.present = present
    }
}
