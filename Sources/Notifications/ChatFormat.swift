internal import WireValues

/// The forms in which chats take messages from a webhook.
public enum ChatFormat: String, Sendable, CaseIterable {
    /// Slack, "Sending messages using incoming webhooks"; others take the same.
    case slack
    /// Microsoft Teams, "Create incoming webhooks with Workflows": an Adaptive Card.
    case teams

    /// The form that an endpoint names by its scheme, as in `slack+https://hooks.slack.com/…`, and its address.
    public static func split(_ endpoint: String) -> (format: ChatFormat?, address: String) {
        for format in allCases where endpoint.hasPrefix(format.rawValue + "+http") {
            return (format, String(endpoint.dropFirst(format.rawValue.count + 1)))
        }
        return (nil, endpoint)
    }

    /// An endpoint to be shown: the path of a webhook is the secret by which one may post to it.
    public static func shown(_ endpoint: String) -> String {
        guard let slashes = endpoint.firstRange(of: "://") else { return endpoint }
        let authority = endpoint[slashes.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return endpoint[..<slashes.upperBound] + host + "/…"
    }
}

/// A message for people in a chat.
public struct ChatMessage: Sendable {
    public enum Tone: Sendable { case bad, good, neutral }

    public var title: String
    public var tone: Tone
    public var lines: [String]
    /// Small print.
    public var footer: String?

    public init(title: String, tone: Tone = .neutral, lines: [String], footer: String? = nil) {
        self.title = title
        self.tone = tone
        self.lines = lines
        self.footer = footer
    }

    /// What is posted.
    public func json(_ format: ChatFormat) -> String {
        switch format {
        case .slack: JSONWire.text(slack)
        case .teams: JSONWire.text(teams)
        }
    }

    /// Block Kit: a header holds 150 characters, a section 3,000 (Slack, "Reference: blocks").
    private var slack: WireValue {
        let mark = [Tone.bad: ":rotating_light: ", .good: ":white_check_mark: "][tone] ?? ""
        let title = mark + self.title
        var blocks: [WireValue] = [
            ["type": "header", "text": ["type": "plain_text", "text": .string(title.cut(to: 145))]]
        ]
        if lines.contains(where: { !$0.isEmpty }) { blocks.append(section(lines.joined(separator: "\n"), "section")) }
        if let footer { blocks.append(section(footer, "context")) }
        // The text is what a phone shows of it.
        let summary = Self.escaped(([title] + lines.prefix(1)).joined(separator: "\n")).cut(to: 2900)
        return ["text": .string(summary), "blocks": .list(blocks)]
    }

    private func section(_ text: String, _ type: String) -> WireValue {
        let shown = Self.escaped(text).cut(to: 2900)
        // Verbatim: addresses and names of channels that a caller wrote are no links.
        let text: WireValue = ["type": "mrkdwn", "text": .string(shown.isEmpty ? " " : shown), "verbatim": true]
        return type == "context"
            ? ["type": "context", "elements": [text]] : ["type": .string(type), "text": text]
    }

    /// What was put in there by a caller mentions nobody and links to nothing.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private var teams: WireValue {
        let color = [Tone.bad: "attention", .good: "good"][tone] ?? "default"
        var body: [WireValue] = [
            run(title.cut(to: 1000), ["size": "large", "weight": "bolder", "color": .string(color)])
        ]
        // A webhook takes 28 KB (Microsoft Teams, "Rate limiting for incoming webhooks").
        var room = 8000
        for line in lines where !line.isEmpty && room > 0 {
            body.append(run(line.cut(to: room), [:]))
            room -= line.utf16.count
        }
        if let footer { body.append(run(footer, ["size": "small", "isSubtle": true])) }
        let card: WireValue = [
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
            "body": .list(body), "msteams": ["width": "Full"],
        ]
        return [
            "type": "message",
            "attachments": [["contentType": "application/vnd.microsoft.card.adaptive", "content": card]],
        ]
    }

    /// A text of which nothing is read as markup.
    private func run(_ text: String, _ style: WireValue) -> WireValue {
        let run = WireValue.structure(
            [WireMember("type", "TextRun"), WireMember("text", .string(text))] + style.members)
        return ["type": "RichTextBlock", "inlines": [run]]
    }
}

extension String {
    /// Its begin, of at most so many units as chats count them, and a sign that there was more.
    fileprivate func cut(to length: Int) -> String {
        guard utf16.count > length else { return self }
        var text = ""
        var left = length - 1
        for scalar in unicodeScalars {
            left -= UTF16.width(scalar)
            if left < 0 { break }
            text.unicodeScalars.append(scalar)
        }
        return text + "…"
    }
}
