import FoundationEssentials

/// Small files of settings and cases.
enum Files {
    /// The text of a file, or of standard input for `-`.
    static func text(_ path: String) throws(UsageError) -> String {
        let lines = try LineReader(path)
        var text: [UInt8] = []
        while let line = try lines.next() {
            text += line
            text.append(0x0A)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Filters from a file of the form `{"name": "pattern", …}`, by name.
    static func filters(_ path: String) throws(UsageError) -> [(name: String, pattern: String)] {
        let text = try text(path)
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
                .map { (name: $0.key, pattern: $0.value) }.sorted { $0.name < $1.name }
        } catch {
            throw UsageError(
                "`\(path)` is no file of filters",
                advice: #"expected a JSON object: {"name": "{ $.eventName = StopLogging }", …}"#)
        }
    }

    /// A case of `filter test`.
    struct Case: Decodable {
        var id: String?
        var pattern: String
        var message: String?
        var match: Bool?
        var error: Bool?
        var extracted: [String: String]?
    }

    static func testCase(_ line: Substring) -> Case? {
        try? JSONDecoder().decode(Case.self, from: Data(line.utf8))
    }
}
