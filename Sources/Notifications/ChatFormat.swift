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
            ["type": "header", "text": ["type": "plain_text", "text": .string(String(title.prefix(150)))]]
        ]
        if !lines.isEmpty { blocks.append(section(lines.joined(separator: "\n"), "section")) }
        if let footer { blocks.append(section(footer, "context")) }
        // The text is what a phone shows of it.
        let summary = Self.escaped(([title] + lines.prefix(1)).joined(separator: "\n"))
        return ["text": .string(summary), "blocks": .list(blocks)]
    }

    private func section(_ text: String, _ type: String) -> WireValue {
        let text: WireValue = ["type": "mrkdwn", "text": .string(String(Self.escaped(text).prefix(3000)))]
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
            run(title, ["size": "large", "weight": "bolder", "color": .string(color)])
        ]
        body += lines.map { run($0, [:]) }
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
