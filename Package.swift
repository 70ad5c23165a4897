// swift-tools-version: 6.1
import PackageDescription

// The rooms and who may import whom: docs/architecture.md.
let package = Package(
    name: "srgan",
    products: [
        .executable(name: "srgan", targets: ["srgan"]),
        .executable(name: "srgand", targets: ["srgand"]),
        .executable(name: "srgan-jobs", targets: ["srgan-jobs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
    ],
    targets: [
        // C: kernels, and module maps for Debian's libraries.
        .target(
            name: "CKernels",
            // Without -O3 the kernels of a debug build are some fifty times slower and its tests crawl.
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]
        ),
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CVips", path: "Sources/CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .systemLibrary(
            name: "CInotifyTools", path: "Sources/CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),

        .target(name: "CLinux"),

        // What every program shares: the version, and JSON whose fields keep their order.
        .target(name: "ProgramBasics"),
        // Where models are found: the one thing that the toolbox and the service, which knows no tensors, share.
        .target(name: "ModelLocation", dependencies: [.product(name: "SystemPackage", package: "swift-system")]),

        // The network and the images.
        .target(name: "NeuralNetwork", dependencies: ["CKernels", "COpenBLAS"]),
        .target(
            name: "Imaging",
            dependencies: ["CVips", .product(name: "SystemPackage", package: "swift-system")]
        ),
        .target(
            name: "SRGAN",
            dependencies: [
                "NeuralNetwork", "Imaging",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // The queue and the service.
        // SwiftPM embeds only what lies below a target's path.
        .target(
            name: "Migrations", path: "migrations",
            resources: [.embedInCode("v0001_initial.sql"), .embedInCode("v0002_totals.sql")]),
        .target(
            name: "JobQueue",
            dependencies: [
                "Migrations",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "DaemonControl", dependencies: [.product(name: "SystemPackage", package: "swift-system")]),
        .target(
            name: "UpscaleDaemon",
            dependencies: [
                "JobQueue", "DaemonControl", "ModelLocation", "ProgramBasics", "CInotifyTools", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),

        // Measuring and training models.
        .target(
            name: "Training",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "ProgramBasics",
                .product(name: "SystemPackage", package: "swift-system"), .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),

        // The programs: command parsing, printing and exit codes only.
        .executableTarget(
            name: "srgan",
            dependencies: [
                "SRGAN", "Imaging", "ModelLocation", "NeuralNetwork", "ProgramBasics", "Training", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "srgand",
            dependencies: [
                "UpscaleDaemon", "ProgramBasics", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "srgan-jobs",
            dependencies: [
                "DaemonControl", "JobQueue", "ProgramBasics", "UpscaleDaemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // What Benchmarks/run times of ours; not installed.
        .target(name: "BenchmarkPeaks", path: "Benchmarks/Peaks", cSettings: [.unsafeFlags(["-O3"])]),
        .executableTarget(
            name: "srgan-bench",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "JobQueue", "BenchmarkPeaks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Benchmarks/Harness"),

        // Changes the inputs of parsers at random, for the tests of every room.
        .target(name: "Fuzzing", path: "Tests/Fuzzing"),
        .testTarget(
            name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "Fuzzing"], resources: [.copy("Fixtures")]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "CVips", "Fuzzing"]),
        .testTarget(name: "TrainingTests", dependencies: ["Training", "Fuzzing"], resources: [.copy("Fixtures")]),
        .testTarget(name: "SRGANTests", dependencies: ["SRGAN", "Fuzzing"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "ModelLocationTests",
            dependencies: ["ModelLocation", .product(name: "SystemPackage", package: "swift-system")]),
        // A process that tests kill.
        .executableTarget(
            name: "queue-writer",
            dependencies: ["JobQueue", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/QueueWriter"),
        .testTarget(
            name: "JobQueueTests",
            dependencies: [
                "JobQueue", "DaemonControl", "Migrations", "queue-writer",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "UpscaleDaemonTests",
            dependencies: [
                "UpscaleDaemon", "DaemonControl", "JobQueue", "ModelLocation", "Fuzzing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // A process that tries to break out.
        .executableTarget(name: "cage-probe", dependencies: ["CLinux"], path: "Tests/CageProbe"),
        // A process that decodes damaged images, one after the other.
        .executableTarget(
            name: "mutated-images", dependencies: ["CLinux", "Imaging"], path: "Tests/MutatedImages"),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "JobQueue", "DaemonControl", "UpscaleDaemon", "srgan",
                "srgan-jobs", "cage-probe", "mutated-images", "Fuzzing", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
