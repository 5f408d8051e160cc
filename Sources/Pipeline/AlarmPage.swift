internal import AWSCore
internal import Alarms
internal import LogGroups

/// A mail about an alarm as a page: what has happened in one line, who did what in a table, the particulars behind. Mail
/// programs know no style sheets, so each element has its own style.
struct AlarmPage {
    let common: AlarmCommon
    let evidence: AlarmEvidence?
    let details: String
    let command: String

    private static let font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
    private static let cell = "padding:6px 10px 6px 0;vertical-align:top;border-bottom:1px solid #e3e6ea"

    private var color: String {
        switch common.state {
        case .alarm: "#b42318"
        case .ok: "#1a7f4b"
        case .insufficientData: "#6b7280"
        }
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
        <body style="margin:0;padding:16px;background:#ffffff;color:#1f2937;font-size:15px;line-height:1.45;\(Self.font)">
        <p style="margin:0 0 4px;font-size:13px;color:\(color);font-weight:600">\(common.state.rawValue)</p>
        <h1 style="margin:0 0 4px;font-size:19px;line-height:1.3">\(escapedXML(headline))</h1>
        <p style="margin:0 0 16px;color:#6b7280;font-size:13px">\(escapedXML(place))</p>
        \(table)<p style="margin:0 0 16px">\(escapedXML(common.reason))</p>
        <pre style="margin:0;padding:12px;background:#f5f6f8;font-size:12px;white-space:pre-wrap;\
        overflow-wrap:anywhere">\(escapedXML(details))</pre>
        </body></html>
        """
    }

    private var headline: String { evidence?.summary ?? common.subject }

    private var place: String {
        "\(common.name), account \(common.scope.account), \(Region.name(common.scope.region)), \(common.time)"
    }

    private var table: String {
        guard let evidence else { return "" }
        var rows = ""
        for (event, count) in evidence.told {
            let time = Timestamp(seconds: event.time.seconds).description
            var what = "<b>\(escapedXML(event.actor ?? event.text ?? "somebody"))</b>"
            if let call = event.call { what += " called <b>\(escapedXML(call))</b>" }
            if let resource = event.resource { what += " on \(escapedXML(resource))" }
            if let error = event.errorCode { what += " <span style=\"color:#b42318\">\(escapedXML(error))</span>" }
            if count > 1 { what += ", \(count) times" }
            // Below, and not in a column of its own: a phone is narrow.
            let rest = [time, event.sourceAddress.map { "from \($0)" }, event.userAgent, event.account, event.region]
                .compactMap { $0 }.joined(separator: ", ")
            rows += "<tr><td style=\"\(Self.cell)\">\(what)"
            rows += "<br><span style=\"color:#6b7280;font-size:13px\">\(escapedXML(rest))</span></td></tr>\n"
        }
        let rest = evidence.count - evidence.events.count
        let more = rest > 0 ? "\(rest) more. " : ""
        return """
            <table style="border-collapse:collapse;width:100%;margin:0 0 8px">
            \(rows)</table>
            <p style="margin:0 0 16px;font-size:13px;color:#6b7280">\(more)All of them: <code>\(escapedXML(command))</code></p>

            """
    }
}
