/// A published version of the CIS AWS Foundations Benchmark.
public enum BenchmarkVersion: String, CaseIterable, Comparable, Sendable {
    case v1_2_0 = "1.2.0"
    case v1_3_0 = "1.3.0"
    case v1_4_0 = "1.4.0"
    case v1_5_0 = "1.5.0"
    case v2_0_0 = "2.0.0"
    case v3_0_0 = "3.0.0"
    case v4_0_0 = "4.0.0"
    case v5_0_0 = "5.0.0"
    case v6_0_0 = "6.0.0"
    case v7_0_0 = "7.0.0"

    public static let newest = v7_0_0

    /// Reads `5.0.0`, `5.0` or `5`.
    public init?(_ text: String) {
        guard
            let version = Self.allCases.first(where: {
                $0.rawValue == text || $0.rawValue == text + ".0" || $0.rawValue == text + ".0.0"
            })
        else { return nil }
        self = version
    }

    public static func < (a: BenchmarkVersion, b: BenchmarkVersion) -> Bool { a.order < b.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The chapter "Monitoring" of this version.
    var monitoringChapter: Int {
        switch self {
        case .v1_2_0: 3
        case .v6_0_0, .v7_0_0: 5
        default: 4
        }
    }
}
