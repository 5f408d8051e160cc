/// The version of the product, in one place.
enum Version {
    static let number = "0.1.0"
}
