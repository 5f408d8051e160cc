extension String {
    /// The text with blanks after it, up to `width` characters.
    func padded(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }

    /// The text with blanks before it.
    func rightAligned(to width: Int) -> String {
        count >= width ? self : String(repeating: " ", count: width - count) + self
    }

    /// At most `width` characters, with an ellipsis where something was left out.
    func shortened(to width: Int) -> String {
        count <= width ? self : String(prefix(max(0, width - 1))) + "…"
    }

    /// Lines of at most `width` characters, broken at blanks; at least one.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return lines + [line]
    }
}

extension Int {
    /// With commas between groups of three digits.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (i, digit) in digits.enumerated() {
            if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }

    /// As a size: `3.7 MB`.
    var asBytes: String {
        var size = Double(self)
        for unit in ["B", "KB", "MB", "GB"] {
            if size < 1000 || unit == "GB" {
                return unit == "B" ? "\(self) B" : "\(size.rounded(to: size < 10 ? 1 : 0)) \(unit)"
            }
            size /= 1000
        }
        return "\(self) B"
    }
}

extension Double {
    /// With so many digits after the point.
    func rounded(to digits: Int) -> String {
        guard digits > 0 else { return String(Int(self.rounded())) }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((magnitude * scale).rounded())
        let fraction = String(scaled % Int(scale))
        let sign = self < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// A time in seconds, to be read by a person: `45 s`, `3 min`, `2 h 05 min`, `4 days`.
    var asDuration: String {
        let seconds = Int(self.rounded())
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<172_800:
            let minutes = seconds / 60 % 60
            return minutes == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(minutes < 10 ? "0" : "")\(minutes) min"
        default: return "\(seconds / 86_400) days"
        }
    }
}
