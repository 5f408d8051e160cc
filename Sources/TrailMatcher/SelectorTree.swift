internal import FilterPattern

/// The selectors of all patterns as one tree, so that an event is walked once and only where some pattern looks.
struct SelectorTreeBuilder {
    struct Node {
        var parent: Int
        var keys: [[UInt8]: Int] = [:]
        var indexes: [Int: Int] = [:]
    }

    private(set) var nodes = [Node(parent: -1)]

    /// The node that `steps` lead to.
    mutating func node(for steps: some Sequence<Selector.Step>) -> Int {
        var current = 0
        for step in steps {
            let next = nodes.count
            switch step {
            case .key(let key):
                let bytes = Array(key.utf8)
                if let known = nodes[current].keys[bytes] {
                    current = known
                    continue
                }
                nodes[current].keys[bytes] = next
            case .index(let index):
                if let known = nodes[current].indexes[index] {
                    current = known
                    continue
                }
                nodes[current].indexes[index] = next
            case .anyElement, .anyMember:
                preconditionFailure("wildcards are no nodes")
            }
            nodes.append(Node(parent: current))
            current = next
        }
        return current
    }

    /// Where the values of a selector come from.
    mutating func source(for selector: Selector) -> ValueSource {
        let fixed = selector.steps.prefix { $0 != .anyElement && $0 != .anyMember }
        let node = node(for: fixed)
        guard fixed.count < selector.steps.count else { return .node(node) }
        let path = selector.steps.dropFirst(fixed.count).map { step -> WildcardPath.Step in
            switch step {
            case .key(let key): return .key(Array(key.utf8))
            case .index(let index): return .index(index)
            case .anyElement: return .anyElement
            case .anyMember: return .anyMember
            }
        }
        return .paths(from: node, WildcardPath(steps: path))
    }
}

/// The tree in the form that the walk reads.
struct SelectorTree: BitwiseCopyable {
    /// The place of a node in the tables.
    struct Node: BitwiseCopyable {
        var parent: Int32
        /// Whether any key leads on from here.
        var hasKeys: Bool
        /// Whether a value below is wanted of every event, so that the walk goes down at once.
        var isEager: Bool
        /// `indexes[firstIndex..<firstIndex + indexCount]`, by index.
        var firstIndex: Int32
        var indexCount: Int32
    }

    let nodes: UnsafePointer<Node>
    let nodeCount: Int
    let keys: ByteTable
    let indexes: UnsafePointer<(index: Int32, node: Int32)>

    /// - Parameter wanted: the nodes whose values are wanted of every event.
    init(_ builder: SelectorTreeBuilder, wanted: Set<Int>, in pool: MemoryPool) {
        var eager: Set<Int> = []
        for node in wanted {
            var parent = builder.nodes[node].parent
            while parent >= 0, eager.insert(parent).inserted { parent = builder.nodes[parent].parent }
        }
        var entries: [(space: Int, bytes: [UInt8], number: Int)] = []
        var indexEntries: [(index: Int32, node: Int32)] = []
        var rows: [Node] = []
        for (number, node) in builder.nodes.enumerated() {
            rows.append(
                Node(
                    parent: Int32(node.parent), hasKeys: !node.keys.isEmpty,
                    isEager: eager.contains(number) && !node.keys.isEmpty, firstIndex: Int32(indexEntries.count),
                    indexCount: Int32(node.indexes.count)))
            for (key, child) in node.keys { entries.append((number, key, child)) }
            indexEntries += node.indexes.sorted { $0.key < $1.key }.map { (Int32($0.key), Int32($0.value)) }
        }
        nodes = pool.array(rows)
        nodeCount = rows.count
        keys = ByteTable(entries, in: pool)
        indexes = pool.array(indexEntries)
    }
}
