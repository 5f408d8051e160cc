/// An instant in milliseconds since 1970-01-01T00:00:00Z, the unit of CloudWatch Logs.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public init(seconds: Int64) {
        milliseconds = seconds * 1000
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 { milliseconds.flooredQuotient(1000) }

    /// Whole minutes since 1970, rounded down.
    public var minute: Int64 { milliseconds.flooredQuotient(60_000) }

    public func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }

    /// The seconds from `earlier` to this instant.
    public func seconds(since earlier: Timestamp) -> Double {
        Double(milliseconds - earlier.milliseconds) / 1000
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

extension BinaryInteger {
    /// The quotient rounded toward negative infinity; `divisor` is positive.
    fileprivate func flooredQuotient(_ divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A date and time of day in UTC, in the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var millisecond: Int

    public init(_ timestamp: Timestamp) {
        let days = Int(timestamp.milliseconds.flooredQuotient(86_400_000))
        var rest = Int(timestamp.milliseconds - Int64(days) * 86_400_000)
        (year, month, day) = Self.date(days: days)
        millisecond = rest % 1000
        rest /= 1000
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of a year.
    public static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func daysInMonth(year: Int, month: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}

extension Timestamp {
    /// Reads an ISO 8601 time as AWS writes it: `2026-02-26T10:14:00Z`, with or without a fraction of a second, with
    /// `Z` or an offset such as `+0000` or `+01:00`; also a date alone, which is its first instant in UTC.
    public init?(iso8601 text: UnsafeBufferPointer<UInt8>) {
        func digits(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= text.count else { return nil }
            var number = 0
            for place in start..<start + count {
                let digit = text[place] &- 0x30
                guard digit < 10 else { return nil }
                number = number &* 10 &+ Int(digit)
            }
            return number
        }
        guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = digits(0, 4), let month = digits(5, 2), let day = digits(8, 2),
            month &- 1 < 12, month >= 1, day >= 1, day <= CivilTime.daysInMonth(year: year, month: month)
        else { return nil }
        let days = CivilTime.days(year: year, month: month, day: day)
        guard text.count > 10 else {
            self.init(seconds: Int64(days) * 86_400)
            return
        }
        guard text.count >= 19, text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = digits(11, 2), let minute = digits(14, 2), let second = digits(17, 2),
            hour < 24, minute < 60, second < 61
        else { return nil }
        var place = 19
        var milliseconds = 0
        if place < text.count, text[place] == UInt8(ascii: ".") {
            place += 1
            var scale = 100
            let start = place
            while place < text.count, text[place] &- 0x30 < 10 {
                milliseconds += Int(text[place] &- 0x30) * scale
                scale /= 10
                place += 1
            }
            if place == start { return nil }
        }
        var offset = 0
        if place < text.count {
            switch text[place] {
            case UInt8(ascii: "Z"):
                guard place + 1 == text.count else { return nil }
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                let sign = text[place] == UInt8(ascii: "-") ? -1 : 1
                let hasColon = place + 3 < text.count && text[place + 3] == UInt8(ascii: ":")
                guard let hours = digits(place + 1, 2), let minutes = digits(place + (hasColon ? 4 : 3), 2),
                    text.count == place + (hasColon ? 6 : 5)
                else { return nil }
                offset = sign * (hours * 3600 + minutes * 60)
            default: return nil
            }
        }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(milliseconds))
    }

    public init?(_ text: String) {
        var text = text
        guard let timestamp = text.withUTF8({ Timestamp(iso8601: $0) }) else { return nil }
        self = timestamp
    }
}

extension Timestamp: CustomStringConvertible {
    /// `2026-02-26T10:14:00Z`; milliseconds only where there are some.
    public var description: String {
        let time = CivilTime(self)
        let fraction = time.millisecond == 0 ? "" : "." + padded(time.millisecond, 3)
        return "\(date)T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))\(fraction)Z"
    }

    /// `2026-02-26`
    public var date: String {
        let time = CivilTime(self)
        return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
    }

    /// `10:14`
    public var hourAndMinute: String {
        let time = CivilTime(self)
        return "\(padded(time.hour, 2)):\(padded(time.minute, 2))"
    }
}

/// The number with zeros before it, up to `width` digits.
package func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
