internal import AWSCore
public import WireValues

/// CBOR (RFC 8949) to values and back, as Smithy's RPC v2 has it.
public enum CBORWire {
    private static let deepest = 200

    /// The value of the bytes; nil when they are not one well-formed item.
    public static func parse(_ bytes: [UInt8]) -> WireValue? {
        var reader = Reader(bytes: bytes)
        guard let value = reader.item(depth: 0), reader.place == bytes.count else { return nil }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        mutating func byte() -> UInt8? {
            guard place < bytes.count else { return nil }
            place += 1
            return bytes[place - 1]
        }

        /// The number that follows the first byte; nil inside for an indefinite length.
        mutating func argument(_ additional: UInt8) -> UInt64?? {
            switch additional {
            case 0..<24: return .some(UInt64(additional))
            case 24...27:
                var number: UInt64 = 0
                for _ in 0..<(1 << (additional - 24)) {
                    guard let next = byte() else { return nil }
                    number = number << 8 | UInt64(next)
                }
                return .some(number)
            case 31: return .some(nil)
            default: return nil
            }
        }

        mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
            guard count <= UInt64(bytes.count - place) else { return nil }
            place += Int(count)
            return bytes[place - Int(count)..<place]
        }

        var isBreak: Bool { place < bytes.count && bytes[place] == 0xFF }

        mutating func item(depth: Int) -> WireValue? {
            guard depth < CBORWire.deepest, let first = byte() else { return nil }
            let major = first >> 5
            if major == 7 { return simple(first & 31) }
            guard let argument = argument(first & 31) else { return nil }
            switch major {
            case 0:
                guard let argument else { return nil }
                return Int64(exactly: argument).map(WireValue.integer) ?? .number(Double(argument))
            case 1:
                guard let argument else { return nil }
                return Int64(exactly: argument).map { .integer(-1 - $0) } ?? .number(-1 - Double(argument))
            case 2: return string(2, argument).map(WireValue.blob)
            case 3: return string(3, argument).map { .string(String(decoding: $0, as: UTF8.self)) }
            case 4:
                var elements: [WireValue] = []
                while let more = goesOn(argument, elements.count) {
                    if !more { return .list(elements) }
                    guard let element = item(depth: depth + 1) else { return nil }
                    elements.append(element)
                }
                return nil
            case 5:
                var members: [WireMember] = []
                while let more = goesOn(argument, members.count) {
                    if !more { return .structure(members) }
                    guard case .string(let name)? = item(depth: depth + 1), let value = item(depth: depth + 1) else {
                        return nil
                    }
                    members.append(WireMember(name, value))
                }
                return nil
            default:
                guard let value = item(depth: depth + 1) else { return nil }
                guard argument == 1 else { return value }
                switch value {
                case .integer(let seconds) where abs(seconds) < 1 << 50: return .timestamp(Timestamp(seconds: seconds))
                case .number(let seconds) where abs(seconds) < 0x1p50:
                    return .timestamp(Timestamp(milliseconds: Int64((seconds * 1000).rounded())))
                default: return nil
                }
            }
        }

        /// Whether another element comes; nil when the bytes have ended.
        private mutating func goesOn(_ count: UInt64?, _ done: Int) -> Bool? {
            guard let count else {
                guard isBreak else { return place < bytes.count ? true : nil }
                place += 1
                return false
            }
            return UInt64(done) < count
        }

        private mutating func string(_ major: UInt8, _ count: UInt64?) -> [UInt8]? {
            if let count { return take(count).map { Array($0) } }
            var all: [UInt8] = []
            while !isBreak {
                guard let first = byte(), first >> 5 == major, case .some(.some(let length)) = argument(first & 31),
                    let part = take(length)
                else { return nil }
                all += part
            }
            place += 1
            return all
        }

        private mutating func simple(_ additional: UInt8) -> WireValue? {
            switch additional {
            case 20: return .bool(false)
            case 21: return .bool(true)
            case 22, 23: return .null
            case 25, 26, 27:
                guard case .some(.some(let bits)) = argument(additional) else { return nil }
                if additional == 25 { return .number(Self.half(UInt16(bits))) }
                if additional == 26 { return .number(Double(Float(bitPattern: UInt32(bits)))) }
                return .number(Double(bitPattern: bits))
            default: return nil
            }
        }

        private static func half(_ bits: UInt16) -> Double {
            let exponent = Int(bits >> 10 & 31)
            let fraction = Double(bits & 1023)
            let magnitude: Double =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
                }
            return bits & 0x8000 == 0 ? magnitude : -magnitude
        }
    }

    // MARK: Writing

    public static func bytes(_ value: WireValue) -> [UInt8] {
        var bytes: [UInt8] = []
        write(value, to: &bytes)
        return bytes
    }

    private static func write(_ value: WireValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(0xF6)
        case .bool(let value): bytes.append(value ? 0xF5 : 0xF4)
        case .integer(let value):
            if value < 0 { head(1, UInt64(-1 - value), &bytes) } else { head(0, UInt64(value), &bytes) }
        case .number(let value): double(value, &bytes)
        case .string(let value):
            head(3, UInt64(value.utf8.count), &bytes)
            bytes += value.utf8
        case .blob(let value):
            head(2, UInt64(value.count), &bytes)
            bytes += value
        case .timestamp(let time):
            bytes.append(0xC1)
            if time.milliseconds % 1000 == 0 {
                write(.integer(time.seconds), to: &bytes)
            } else {
                double(Double(time.milliseconds) / 1000, &bytes)
            }
        case .list(let elements):
            head(4, UInt64(elements.count), &bytes)
            for element in elements { write(element, to: &bytes) }
        case .structure(let members), .map(let members):
            let present = members.filter { $0.value != .null }
            head(5, UInt64(present.count), &bytes)
            for member in present {
                write(.string(member.name), to: &bytes)
                write(member.value, to: &bytes)
            }
        }
    }

    private static func double(_ value: Double, _ bytes: inout [UInt8]) {
        bytes.append(0xFB)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64, _ bytes: inout [UInt8]) {
        guard argument >= 24 else {
            bytes.append(major << 5 | UInt8(argument))
            return
        }
        let size: UInt64 = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFF_FFFF ? 2 : 3
        bytes.append(major << 5 | UInt8(24 + size))
        for shift in stride(from: 8 * (1 << size) - 8, through: UInt64(0), by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: argument >> shift))
        }
    }
}
