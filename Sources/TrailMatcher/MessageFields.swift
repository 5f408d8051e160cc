/// A message cut at runs of blanks and tabs.
///
/// A field that begins with `[` goes to the next `]`, one that begins with `"` to the next `"`, and neither belongs
/// to the value. When the closing one is missing, the field ends at the next blank like any other.
struct MessageFields: ~Copyable {
    /// Where a field begins, its delimiter included; and the range of its value.
    struct Field: BitwiseCopyable {
        var outerStart: Int
        var start: Int
        var end: Int
    }

    private var fields = ScratchList<Field>()

    var count: Int { fields.count }

    mutating func split(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        fields.removeAll()
        var place = start
        while true {
            while place < end, bytes[place] == 0x20 || bytes[place] == 0x09 { place &+= 1 }
            if place >= end { return }
            let outer = place
            let first = bytes[place]
            if first == UInt8(ascii: "[") || first == UInt8(ascii: "\"") {
                let closing = first == UInt8(ascii: "[") ? UInt8(ascii: "]") : first
                var close = place &+ 1
                while close < end, bytes[close] != closing { close &+= 1 }
                if close < end {
                    fields.append(Field(outerStart: outer, start: place &+ 1, end: close))
                    place = close &+ 1
                    // The end of the line is no field of its own.
                    var rest = place
                    while rest < end, bytes[rest] == 0x0A || bytes[rest] == 0x0D { rest &+= 1 }
                    if rest == end { return }
                    continue
                }
            }
            place = Self.nextBlank(bytes, place, end)
            fields.append(Field(outerStart: outer, start: outer, end: place))
        }
    }

    /// Where the next blank or tab stands, or `end`.
    @inline(__always)
    private static func nextBlank(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var place = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        // Eight bytes at a time: a byte that equals the one sought becomes zero, and only zero borrows at its top bit.
        while place &+ 8 <= end {
            let word = load8(bytes + place)
            let blank = word ^ ones &* 0x20
            let tab = word ^ ones &* 0x09
            let found = ((blank &- ones) & ~blank | (tab &- ones) & ~tab) & tops
            if found != 0 { return place &+ found.trailingZeroBitCount &>> 3 }
            place &+= 8
        }
        while place < end, bytes[place] != 0x20, bytes[place] != 0x09 { place &+= 1 }
        return place
    }

    /// The value at a place of a pattern, as it is extracted; nil when there are too few fields.
    func range(_ place: FieldPlace, messageEnd: Int) -> Range<Int>? {
        let index: Int
        switch place {
        case .fromStart(let i): index = i
        case .fromEnd(let i): index = count - i
        case .restFrom(let i):
            if i < count - 1 { return fields.base[i].outerStart..<messageEnd }
            index = i
        }
        guard index >= 0, index < count else { return nil }
        return fields.base[index].start..<fields.base[index].end
    }
}
