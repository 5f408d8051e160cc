/// The store could not do what was asked: the disk is full, the file is damaged, and so on.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
