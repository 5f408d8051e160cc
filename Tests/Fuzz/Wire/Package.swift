// swift-tools-version: 6.2
import PackageDescription

// Built by Scripts/fuzz, with the fuzzer's instrumentation in every room.
let package = Package(
    name: "wire-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "trailwarden", path: "../../..")],
    targets: [
        .executableTarget(
            name: "WireFuzz", dependencies: [.product(name: "TrailwardenWire", package: "trailwarden")],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    ],
    swiftLanguageModes: [.v6]
)
