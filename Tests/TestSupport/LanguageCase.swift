public import Foundation

/// One case of the filter language: a pattern, and what it does with a message or that it is no pattern.
public struct LanguageCase: Decodable, Sendable {
    public var id: String?
    public var pattern: String
    public var message: String?
    public var match: Bool?
    public var error: Bool?
    public var extracted: [String: String]?

    public static func read(_ url: URL) throws -> [LanguageCase] {
        let decoder = JSONDecoder()
        return try SharedData.lines(url).map { try decoder.decode(LanguageCase.self, from: Data($0.utf8)) }
    }
}
