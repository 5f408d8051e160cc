internal import AWSCore
internal import AWSWire
internal import HTTP

/// The pages that links in mails open. They ask for a press of a button, lest a scanner that follows every link confirm
/// a subscription or end one.
enum LinkPage {
    static func confirm(_ query: String) -> HTTPResponse {
        page(
            title: "Confirm subscription", question: "Receive the messages of this topic?",
            action: "ConfirmSubscription", button: "Confirm subscription", names: ["TopicArn", "Token"], query)
    }

    static func unsubscribe(_ query: String) -> HTTPResponse {
        page(
            title: "Unsubscribe", question: "Stop receiving the messages of this subscription?", action: "Unsubscribe",
            button: "Unsubscribe", names: ["SubscriptionArn"], query)
    }

    private static func page(
        title: String, question: String, action: String, button: String, names: [String], _ query: String
    ) -> HTTPResponse {
        let parameters = formParameters(query)
        var fields = ""
        for name in names {
            let value = parameters.first { $0.name == name }?.value ?? ""
            fields += "<input type=\"hidden\" name=\"\(name)\" value=\"\(escapedXML(value))\">\n"
        }
        let subject = escapedXML(parameters.first { $0.name == names[0] }?.value ?? "")
        return html(
            title: title,
            """
            <p>\(question)</p><p><code>\(subject)</code></p>
            <form method="post" action="/">
            <input type="hidden" name="Action" value="\(action)">
            <input type="hidden" name="Version" value="2010-03-31">
            \(fields)<button>\(button)</button></form>
            """)
    }

    /// What a person reads when the button has done its work.
    static func done(_ operation: String) -> HTTPResponse {
        operation == "Unsubscribe"
            ? html(title: "Unsubscribed", "<p>You will get no more messages of this subscription.</p>")
            : html(title: "Subscription confirmed", "<p>You will get the messages of this topic from now on.</p>")
    }

    static func failed(_ reason: String, status: Int) -> HTTPResponse {
        html(title: "That did not work", "<p>\(escapedXML(reason))</p>", status: status)
    }

    /// - Parameter content: HTML.
    private static func html(title: String, _ content: String, status: Int = 200) -> HTTPResponse {
        let html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}
            button{font:inherit;padding:.5em 1em}code{overflow-wrap:anywhere}</style></head>
            <body><h1>\(title)</h1>\(content)</body></html>

            """
        return HTTPResponse(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
            ], body: Array(html.utf8))
    }
}
