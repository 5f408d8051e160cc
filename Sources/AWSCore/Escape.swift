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

extension String {
    /// What a stranger may have written, to be shown: without line ends that forge another line, and signs that steer a
    /// terminal or turn the direction of writing.
    public var harmless: String {
        var harmless = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: harmless += " "
            default: harmless.unicodeScalars.append(scalar)
            }
        }
        return harmless
    }
}
