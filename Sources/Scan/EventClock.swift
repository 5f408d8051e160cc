internal import AWSCore

/// Reads the times of events, most of which fall into the minute of the one before.
struct EventClock {
    /// The text of the last time up to its minute, and the instant at which that minute begins.
    private var date: UInt64 = 0
    private var hourAndMinute: UInt64 = 0
    private var minute = Timestamp(milliseconds: 0)

    /// The instant of `text`; nil when it is no time.
    @inline(__always)
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        // `2026-03-01T09:30:15Z`, the form of nearly every event.
        guard text.count == 20, let base = text.baseAddress, text[16] == UInt8(ascii: ":"),
            text[19] == UInt8(ascii: "Z")
        else { return Timestamp(iso8601: text) }
        let tens = text[17] &- 0x30
        let ones = text[18] &- 0x30
        let raw = UnsafeRawPointer(base)
        let first = raw.loadUnaligned(as: UInt64.self)
        let second = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        if first == date, second == hourAndMinute, tens < 6, ones < 10 {
            return minute.advanced(bySeconds: Int64(tens &* 10 &+ ones))
        }
        guard let time = Timestamp(iso8601: text) else { return nil }
        date = first
        hourAndMinute = second
        minute = Timestamp(seconds: time.minute * 60)
        return time
    }
}
