internal import AWSCore
internal import AWSWire
internal import WireValues

/// Cuts a list into pages. The token of the next page is the name behind which it begins.
struct Page<Element> {
    let elements: [Element]
    let nextToken: String?

    /// - Parameters:
    ///   - all: in the order of their names.
    ///   - token: as a page before gave it.
    ///   - invalid: what to throw for a token of another origin.
    init(
        _ all: [Element], name: (Element) -> String, token: String?, limit: Int, invalid: @autoclosure () -> AWSFault
    ) throws(AWSFault) {
        var rest = all[...]
        if let token {
            guard let bytes = Base64.decode(token), !bytes.isEmpty, Base64.encode(bytes) == token else {
                throw invalid()
            }
            let last = String(decoding: bytes, as: UTF8.self)
            rest = rest.drop { !last.utf8.lexicographicallyPrecedes(name($0).utf8) }
        }
        elements = Array(rest.prefix(limit))
        nextToken = rest.count > limit ? elements.last.map { Base64.encode(Array(name($0).utf8)) } : nil
    }
}
