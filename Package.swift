// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, floor by floor; Documentation/Architecture.md says which door leads where.
// An import that is not listed here is refused by the build (`make build` checks explicit dependencies).

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "trailwarden",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "trailwarden", targets: ["trailwarden"]),
        .library(name: "TrailwardenEngine", targets: ["FilterPattern", "TrailMatcher", "CloudTrail", "Scan"]),
        .library(name: "TrailwardenCoverage", targets: ["FilterPattern", "Controls", "Coverage"]),
        .library(
            name: "TrailwardenWire",
            targets: ["AWSCore", "WireValues", "AWSWire", "HTTP", "Notifications", "Alarms", "Metrics"]),
        .library(name: "TrailwardenPipeline", targets: ["AWSCore", "Metrics", "Alarms", "Store", "Pipeline"]),
    ],
    targets: [
        // C
        .target(name: "CKernels", cSettings: [.treatAllWarnings(as: .error)]),
        .systemLibrary(name: "CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CISAL", providers: [.apt(["libisal-dev"])]),

        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(name: "CDelay", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CMicroHTTPD", dependencies: ["CDelay"], cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CCurl", dependencies: ["CDelay"], cSettings: [.treatAllWarnings(as: .error)]),

        // words
        .target(name: "AWSCore", swiftSettings: strict),
        .target(name: "JSONText", dependencies: ["CKernels"], swiftSettings: strict),
        .target(name: "WireValues", dependencies: ["AWSCore", "JSONText"], swiftSettings: strict),
        .target(name: "FilterPattern", swiftSettings: strict),

        // science
        .target(
            name: "TrailMatcher", dependencies: ["FilterPattern", "JSONText"], swiftSettings: strict),
        .target(
            name: "CloudTrail", dependencies: ["AWSCore", "JSONText", "CKernels", "CDeflate", "CISAL"],
            swiftSettings: strict),
        .target(name: "Metrics", dependencies: ["AWSCore"], swiftSettings: strict),
        .target(name: "Alarms", dependencies: ["AWSCore", "Metrics"], swiftSettings: strict),

        // domain
        .target(
            name: "LogGroups",
            dependencies: [
                "AWSCore", "FilterPattern", "JSONText", "TrailMatcher", "Metrics", "WireValues", "Controls",
            ],
            swiftSettings: strict),
        .target(name: "Notifications", dependencies: ["AWSCore", "WireValues"], swiftSettings: strict),
        .target(name: "Controls", dependencies: ["AWSCore", "FilterPattern"], swiftSettings: strict),
        .target(
            name: "Coverage", dependencies: ["FilterPattern", "TrailMatcher", "Controls"], swiftSettings: strict),
        .target(
            name: "Audit",
            dependencies: [
                "AWSCore", "WireValues", "FilterPattern", "Controls", "Coverage", "Metrics", "Alarms", "Notifications",
            ], swiftSettings: strict),
        .target(name: "Remediation", dependencies: ["WireValues", "Audit"], swiftSettings: strict),
        .target(
            name: "Scan",
            dependencies: [
                "AWSCore", "FilterPattern", "JSONText", "TrailMatcher", "CloudTrail", "Metrics", "Alarms",
            ],
            swiftSettings: strict),

        // trade
        .target(name: "Crypto", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "HTTP", dependencies: ["CMicroHTTPD", "CCurl", "CDeflate"], swiftSettings: strict),
        .target(name: "AWSWire", dependencies: ["AWSCore", "WireValues", "Crypto", "HTTP"], swiftSettings: strict),
        .target(
            name: "AWSClient", dependencies: ["AWSCore", "WireValues", "AWSWire", "Crypto", "HTTP"],
            swiftSettings: strict),
        .target(name: "Store", dependencies: ["AWSCore", "CSQLite", "CZstd"], swiftSettings: strict),

        .target(
            name: "Pipeline",
            dependencies: [
                "AWSCore", "JSONText", "WireValues", "FilterPattern", "TrailMatcher", "LogGroups", "Metrics", "Alarms",
                "Notifications", "CloudTrail", "Controls", "Crypto", "Store",
            ], swiftSettings: strict),

        .target(
            name: "Integrity", dependencies: ["AWSCore", "WireValues", "CloudTrail", "Crypto", "AWSClient"],
            swiftSettings: strict),

        .target(
            name: "LogSources",
            dependencies: [
                "AWSCore", "WireValues", "CloudTrail", "FilterPattern", "JSONText", "LogGroups", "Store", "Pipeline",
                "HTTP", "AWSClient", "Integrity", "Metrics",
            ], swiftSettings: strict),

        .target(
            name: "AWSOperations",
            dependencies: [
                "AWSCore", "WireValues", "AWSWire", "FilterPattern", "TrailMatcher", "LogGroups", "Metrics", "Alarms",
                "Notifications", "CloudTrail", "Controls", "Crypto", "Store", "Pipeline",
            ], swiftSettings: strict),

        .target(
            name: "Delivery", dependencies: ["AWSCore", "WireValues", "Notifications", "Crypto", "HTTP"],
            swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "AWSCore", "WireValues", "AWSWire", "HTTP", "Crypto", "LogGroups", "Metrics", "Alarms", "Notifications",
                "Controls", "Coverage", "Store", "Pipeline", "Delivery", "AWSOperations", "LogSources", "AWSClient",
                "Integrity", "FilterPattern",
            ], swiftSettings: strict),

        // ground
        .executableTarget(
            name: "trailwarden",
            dependencies: [
                "AWSCore", "FilterPattern", "TrailMatcher", "CloudTrail", "Metrics", "Alarms", "Controls",
                "Coverage", "Audit", "Remediation", "AWSClient", "Scan", "Server", "LogGroups", "LogSources", "AWSWire",
                "Integrity",
                "WireValues",
                "HTTP",
                "JSONText",
            ],
            swiftSettings: strict),

        // tests, beside their rooms
        .target(
            name: "TestSupport", dependencies: ["AWSCore", "FilterPattern"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(name: "FilterPatternTests", dependencies: ["FilterPattern", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "JSONTextTests", dependencies: ["CKernels", "JSONText", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TrailMatcherTests", dependencies: ["FilterPattern", "TrailMatcher", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CloudTrailTests", dependencies: ["AWSCore", "CloudTrail", "JSONText", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "MetricsTests", dependencies: ["AWSCore", "Metrics"], swiftSettings: strict),
        .testTarget(
            name: "AlarmsTests", dependencies: ["AWSCore", "Metrics", "Alarms", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ControlsTests", dependencies: ["Controls", "FilterPattern", "TrailMatcher", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "AWSCoreTests", dependencies: ["AWSCore"], swiftSettings: strict),
        .testTarget(
            name: "AWSWireTests", dependencies: ["AWSCore", "AWSWire", "HTTP", "WireValues"], swiftSettings: strict),
        .testTarget(
            name: "NotificationsTests", dependencies: ["Notifications", "WireValues"], swiftSettings: strict),
        .testTarget(name: "LogGroupsTests", dependencies: ["AWSCore", "LogGroups", "Metrics"], swiftSettings: strict),
        .testTarget(
            name: "CoverageTests",
            dependencies: ["CloudTrail", "Controls", "Coverage", "FilterPattern", "TestSupport", "TrailMatcher"],
            swiftSettings: strict),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "AWSCore", "Alarms", "FilterPattern", "LogGroups", "Metrics", "Notifications", "Pipeline", "Store",
                "TestSupport", "TrailMatcher",
            ], swiftSettings: strict),
        .testTarget(
            name: "AuditTests", dependencies: ["AWSCore", "Audit", "Controls", "TestSupport", "WireValues"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests", dependencies: ["TestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
