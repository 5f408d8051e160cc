import AWSCore
import Foundation
import Testing

@Suite struct `Times` {
    @Test func `read and print as Foundation has them`() throws {
        let formatter = ISO8601DateFormatter()
        for seconds in stride(from: Int64(-5_000_000_000), to: 8_000_000_000, by: 86_399 * 997) {
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp(text) == Timestamp(seconds: seconds))
            #expect(Timestamp(seconds: seconds).description == text)
        }
    }

    @Test(
        arguments: [
            ("2026-03-01T09:30:00Z", 1_772_357_400_000), ("2026-03-01T09:30:00.5Z", 1_772_357_400_500),
            ("2026-03-01T09:30:00.123456Z", 1_772_357_400_123),
            ("2026-03-01T10:30:00+01:00", 1_772_357_400_000), ("2026-03-01T09:30:00.000+0000", 1_772_357_400_000),
            ("2026-03-01", 1_772_323_200_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ] as [(String, Int64)])
    func `have the forms of AWS`(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2025-02-29", "2026-03-01T25:00:00Z", "2026-03-01T09:30:00x", "2026-03-01T09:30:00.Z",
        "yesterday...",
    ])
    func `have no other form`(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
