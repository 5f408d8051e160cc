// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the product never waits for it. `make bench` builds and runs it.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "trailwarden", path: "..")],
    targets: [
        .systemLibrary(name: "CDeflateLimit", providers: [.apt(["libdeflate-dev"])]),
        .executableTarget(name: "InflateOnly", dependencies: ["CDeflateLimit"]),
        .executableTarget(name: "Load"),
        .executableTarget(
            name: "ManyPatterns", dependencies: [.product(name: "TrailwardenEngine", package: "trailwarden")]),
        .executableTarget(
            name: "ManyAlarms", dependencies: [.product(name: "TrailwardenPipeline", package: "trailwarden")]),
        .executableTarget(
            name: "Covers", dependencies: [.product(name: "TrailwardenCoverage", package: "trailwarden")]),
    ],
    swiftLanguageModes: [.v6]
)
