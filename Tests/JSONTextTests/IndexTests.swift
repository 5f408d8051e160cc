import CKernels
import JSONText
import TestSupport
import Testing

@Suite struct `The structural index` {
    @Test func `of every version is that of the plain one`() {
        var state: UInt64 = 42
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var versions: Set<String> = []
        let alphabet = Array("\"\"\\\\\\{}[]{}ab :,é\n".utf8) + [0]
        for _ in 0..<800 {
            let blocks = Int(next() % 9) + 1
            var text: [UInt8] = []
            // Some blocks hold nothing rare, and some only one thing.
            for _ in 0..<blocks {
                let rare = [nil, 0x5C, 0xC3, 0x0A, 0][Int(next() % 5)] as UInt8?
                let plain = Array("\"{}[]ab :,".utf8) + (rare.map { [$0] } ?? [])
                let letters = next() % 2 == 0 ? alphabet : plain
                text += (0..<64).map { _ in letters[Int(next()) % letters.count] }
            }
            let none = [[UInt64]](repeating: [UInt64](repeating: 0, count: blocks), count: 5)
            var plain = none
            var plainCarry = tw_carry()
            index(text, blocks, &plain, &plainCarry, tw_index_reference)
            for version in ["chosen", "portable", "avx2", "avx512"] {
                var fast = none
                var carry = tw_carry()
                var isThere = true
                index(text, blocks, &fast, &carry) {
                    if version == "chosen" {
                        tw_index($0, $1, $2, $3)
                    } else {
                        isThere = tw_index_with(version, $0, $1, $2, $3) != 0
                    }
                }
                guard isThere else { continue }
                versions.insert(version)
                #expect(fast == plain)
                #expect(carry.in_string == plainCarry.in_string && carry.escaped == plainCarry.escaped)
                #expect((carry.controls != 0) == (plainCarry.controls != 0))
            }
        }
        #expect(versions.isSuperset(of: ["chosen", "portable"]))
    }

    @Test func `finds what is no ASCII in every range`() {
        var state: UInt64 = 5
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let count = 64 * 50 + 7
        let indexed = IndexedText()
        for _ in 0..<40 {
            var text = [UInt8](repeating: 0x61, count: count)
            for _ in 0..<next(4) { text[next(count)] = 0xC3 }
            text.withUnsafeBytes { indexed.replace(with: $0) }
            let view = indexed.view()
            for _ in 0..<200 {
                let start = next(count)
                let end = start + next(count - start + 1)
                // Whole blocks are told.
                let blocks = start / 64 * 64..<min(count, (end + 63) / 64 * 64)
                #expect(view.mayHoldHighByte(start, end) == (start < end && text[blocks].contains(0xC3)))
            }
        }
    }

    private func index(
        _ text: [UInt8], _ blocks: Int, _ rows: inout [[UInt64]], _ carry: inout tw_carry,
        _ body: (UnsafePointer<UInt8>?, Int, tw_bitmaps, UnsafeMutablePointer<tw_carry>?) -> Void
    ) {
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: blocks * 4)
        let high = UnsafeMutablePointer<UInt8>.allocate(capacity: blocks)
        defer {
            words.deallocate()
            high.deallocate()
        }
        let bitmaps = tw_bitmaps(
            quotes: words, opens: words + blocks, closes: words + blocks * 2, backslashes: words + blocks * 3,
            high: high)
        text.withUnsafeBufferPointer { body($0.baseAddress, blocks, bitmaps, &carry) }
        for row in 0..<4 { rows[row] = Array(UnsafeBufferPointer(start: words + row * blocks, count: blocks)) }
        rows[4] = UnsafeBufferPointer(start: high, count: blocks).map(UInt64.init)
    }

    @Test func `does not depend on the pieces in which the text arrives`() {
        let begin = #"{"a":"x\\\"{","b":[{"c":"]"},{}],"long":"\#(String(repeating: "é{", count: 90))"#
        let text = Array((begin + #"","plain":"\#(String(repeating: "b", count: 160))"}"#).utf8)
        for piece in [1, 3, 63, 64, 65, 1000] {
            let indexed = IndexedText(capacity: 16)
            var place = 0
            while place < text.count {
                text[place..<min(place + piece, text.count)].withUnsafeBytes { indexed.append($0) }
                place += piece
                _ = indexed.view()
            }
            let view = indexed.view()
            #expect(view.endOfContainer(at: 0) == text.count)
            #expect(view.mayHoldHighByte(0, text.count) && !view.mayHoldHighByte(text.count / 64 * 64, text.count))
        }
    }
}

@Suite struct `A folded checksum` {
    /// The register of CRC-32 (RFC 1952, section 8) behind `bytes`, one bit after the other.
    private func register(_ start: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(start) { register, byte in
            (0..<8).reduce(register ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }

    @Test func `leaves what has the checksum of the whole`() {
        var state: UInt32 = 7
        let text = (0..<1200).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        var residue = [UInt8](repeating: 0, count: 16)
        for length in 0...1200 {
            let folded = tw_crc32_fold(text, length, &residue)
            #expect(folded <= length && folded % 128 == 0)
            guard folded > 0 else { continue }
            #expect(length - folded < 128)
            #expect(register(0, residue) == register(~0, text[..<folded]))
        }
    }
}

@Suite struct `The strict reader` {
    @Test(arguments: [
        "{}", "[]", "0", "-0.5e+3", #""\u00e9\n""#, "[1,[2,{\"a\":null}],true]", " { \"a\" : false } ",
        "{\"a\":1,}", "[1,]", "01", "1.", ".5", "+1", "tru", "nulll", "{a:1}", "{\"a\" 1}", "[1 2]", "\"\t\"", #""\x""#,
        #""\u12g4""#, "[", "{\"a\":", "",
        "{\"a\":1}}", "\"", "[1,", "{,}", "[,]", "1e", "-", "{\"a\":1 \"b\":2}",
    ])
    func `accepts what the standard allows and nothing else`(text: String) {
        let theirs = ReferenceJSON.parse(text) != nil
        var validator = JSONValidator()
        let bytes = Array(text.utf8)
        let ours = bytes.withUnsafeBytes { buffer -> Bool in
            let start = bytes.firstIndex { ![0x20, 0x0A, 0x0D, 0x09].contains($0) } ?? 0
            guard case .complete(let end) = validator.read(buffer, from: start) else { return false }
            return bytes[end...].allSatisfy { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
        }
        #expect(ours == theirs)
    }

    @Test func `has no limit on nesting`() {
        let depth = 200_000
        let text = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        var validator = JSONValidator()
        #expect(text.withUnsafeBytes { validator.read($0, from: 0) } == .complete(end: text.count))
        #expect(text.dropLast().withUnsafeBytes { validator.read($0, from: 0) } == .incomplete)
    }
}

@Suite struct `UTF-8` {
    @Test func `is found broken where the standard library would repair it`() {
        let samples: [[UInt8]] = [
            [], Array("plain".utf8), Array("é日🙂".utf8), [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xE2, 0x82], [0x80],
            [0xF0, 0x9F, 0x99], Array(repeating: 0x61, count: 70) + [0xFF], Array("aaaaaaaé".utf8),
        ]
        for sample in samples {
            let isValid = String(validating: sample, as: UTF8.self) != nil
            #expect(sample.withUnsafeBytes { UTF8Text.fault($0) == nil } == isValid, "\(sample)")
        }
    }
}
