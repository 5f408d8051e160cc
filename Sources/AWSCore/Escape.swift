/// A text as it stands in XML and in HTML, in attributes too. By scalars: a quote with an accent is a quote still.
public func escapedXML(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
        switch scalar {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        case "\"": text += "&quot;"
        case "\t", "\n": text.unicodeScalars.append(scalar)
        case "\r": text += "&#xD;"
        // XML 1.0 has no other control characters, not even escaped.
        case ..<" ": text += "\u{FFFD}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text
}
