/// A name and a value that tell one series of a metric from its others.
public struct Dimension: Hashable, Sendable, Codable, Comparable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public static func < (a: Dimension, b: Dimension) -> Bool { (a.name, a.value) < (b.name, b.value) }
}

/// What values are published to: a namespace, a name, and the exact set of dimensions. There is no roll-up over
/// dimensions (CloudWatch User Guide, "Metrics concepts").
public struct Metric: Hashable, Sendable, Codable {
    public var namespace: String
    public var name: String
    /// In order.
    public let dimensions: [Dimension]

    public init(namespace: String, name: String, dimensions: [Dimension] = []) {
        self.namespace = namespace
        self.name = name
        self.dimensions = dimensions.sorted()
    }
}
