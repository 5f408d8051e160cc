/// An address of IP version 4 or 6.
public struct IPAddress: Hashable, Sendable {
    public let value: UInt128
    /// 32 or 128.
    public let bits: Int

    public init(value: UInt128, bits: Int) {
        self.value = value
        self.bits = bits
    }

    /// Reads `192.0.2.1`, `2001:db8::1` and `::ffff:192.0.2.1`.
    public init?(_ text: String) {
        if !text.contains(":") {
            guard let value = Self.version4(text) else { return nil }
            self.init(value: UInt128(value), bits: 32)
            return
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        func groups(_ half: Substring) -> [UInt16]? {
            var groups: [UInt16] = []
            if half.isEmpty { return groups }
            for part in half.split(separator: ":", omittingEmptySubsequences: false) {
                if part.contains(".") {
                    guard let value = Self.version4(String(part)) else { return nil }
                    groups += [UInt16(value >> 16), UInt16(value & 0xFFFF)]
                } else {
                    guard part.count <= 4, part.first?.isHexDigit == true, let group = UInt16(part, radix: 16) else {
                        return nil
                    }
                    groups.append(group)
                }
            }
            return groups
        }
        guard let head = groups(halves[0]) else { return nil }
        var all = head
        if halves.count == 2 {
            guard let tail = groups(halves[1]), head.count + tail.count < 8 else { return nil }
            all += [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard all.count == 8 else { return nil }
        self.init(value: all.reduce(0) { $0 << 16 | UInt128($1) }, bits: 128)
    }

    private static func version4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard part.count <= 3, part.first?.isNumber == true, let byte = UInt8(part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    /// The bits that a network of that length has in common.
    public static func mask(length: Int, bits: Int) -> UInt128 {
        if length == 0 { return 0 }
        let all: UInt128 = bits == 32 ? 0xFFFF_FFFF : ~0
        return all << UInt128(bits - length) & all
    }

    private func isIn(_ network: String, _ length: Int) -> Bool {
        guard let other = IPAddress(network), other.bits == bits else { return false }
        let mask = Self.mask(length: length, bits: bits)
        return value & mask == other.value & mask
    }

    /// Whether it leads elsewhere than to a host on the public internet: loopback, private, link-local (also the
    /// metadata service of a cloud), shared, multicast or reserved. IPv4 inside IPv6 is seen through.
    public var isLocal: Bool {
        if bits == 128 {
            // ::ffff:0:0/96, 64:ff9b::/96 and 2002::/16 carry an address of version 4.
            if value >> 32 == 0xFFFF || isIn("64:ff9b::", 96) {
                return IPAddress(value: value & 0xFFFF_FFFF, bits: 32).isLocal
            }
            if isIn("2002::", 16) { return IPAddress(value: value >> 80 & 0xFFFF_FFFF, bits: 32).isLocal }
            return [("::", 8), ("100::", 64), ("fc00::", 7), ("fe80::", 10), ("fec0::", 10), ("ff00::", 8)]
                .contains { isIn($0.0, $0.1) }
        }
        return [
            ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16),
            ("172.16.0.0", 12), ("192.0.0.0", 24), ("192.168.0.0", 16), ("198.18.0.0", 15), ("224.0.0.0", 3),
        ].contains { isIn($0.0, $0.1) }
    }
}
