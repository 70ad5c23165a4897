// swift-tools-version: 6.1
import PackageDescription

// docs/architecture.md describes the targets and says which of them may import which.
let package = Package(
    name: "srgan",
    products: [
        .executable(name: "srgan", targets: ["srgan"]),
        .executable(name: "srgand", targets: ["srgand"]),
        .executable(name: "srgan-jobs", targets: ["srgan-jobs"]),
        .executable(name: "srgan-notify", targets: ["srgan-notify"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
    ],
    targets: [
        // C targets: the kernels, and module maps for Debian's libraries.
        .target(
            name: "CKernels",
            // Without -O3 the kernels of a debug build are about fifty times slower, and so are the tests that use
            // them.
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]
        ),
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CVips", path: "Sources/CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .systemLibrary(
            name: "CInotifyTools", path: "Sources/CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // A C interface to Exiv2, which is a C++ library.
        .target(name: "CExiv2", linkerSettings: [.linkedLibrary("exiv2")]),

        // A check of JPEG files that libvips does not offer.
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),

        // Sends HTTP requests with libcurl, whose functions with variable arguments Swift cannot call.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),

        .target(name: "CLinux"),

        // The faults that tests inject into a debug build. A release build cannot inject any.
        .target(name: "FaultInjection"),
        // Files, paths, processes, threads, text and hashes, for most other targets.
        .target(
            name: "LinuxSupport",
            dependencies: [
                "CLinux", "COpenSSL", "FaultInjection", .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // Finds model files by name. It is a target of its own so that both `srgan` and the service can use it, because
        // the service must not depend on the neural network.
        .target(
            name: "ModelLocation",
            dependencies: ["LinuxSupport", .product(name: "SystemPackage", package: "swift-system")]),

        // The network and the images.
        .target(name: "NeuralNetwork", dependencies: ["CKernels", "COpenBLAS"]),
        .target(
            name: "Imaging",
            dependencies: ["CExiv2", "CJPEG", "CVips"]
        ),
        .target(
            name: "SRGAN",
            dependencies: [
                "CKernels", "NeuralNetwork", "Imaging", "LinuxSupport", "FaultInjection",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // The JSON lines that a worker writes and the daemon reads.
        .target(name: "WorkerProtocol", dependencies: ["LinuxSupport"]),

        // The queue and the service. The SQL files have a target of their own, because SwiftPM embeds only files below
        // the target's path.
        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("v0001_initial.sql"), .embedInCode("v0002_totals.sql"),
                .embedInCode("v0003_kernels.sql"), .embedInCode("v0004_events.sql"),
            ]),
        .target(
            name: "JobQueue",
            dependencies: [
                "FaultInjection", "LinuxSupport", "Migrations", "WorkerProtocol",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "DaemonControl",
            dependencies: ["LinuxSupport", .product(name: "SystemPackage", package: "swift-system")]),
        // Reads configuration files in TOML strictly: every mistake with its line.
        .target(
            name: "ConfigurationFile",
            dependencies: [
                "LinuxSupport", .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]),
        // What config.toml says: read, checked, its models found.
        .target(
            name: "ServiceConfiguration",
            dependencies: [
                "ConfigurationFile", "LinuxSupport", "ModelLocation",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // What every service program needs: its log.
        .target(
            name: "ServiceSupport",
            dependencies: [
                "LinuxSupport", "ServiceConfiguration", .product(name: "Logging", package: "swift-log"),
            ]),
        // Jobs and events as tables and JSON show them.
        .target(
            name: "JobPresentation",
            dependencies: [
                "DaemonControl", "JobQueue", "LinuxSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // Tells programs and web servers what happened to the jobs.
        .target(
            name: "EventHooks",
            dependencies: [
                "CCurl", "COpenSSL", "JobPresentation", "JobQueue", "LinuxSupport", "ServiceConfiguration",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // What the daemon and srgan-jobs both do to the queue: take files, move originals, carry out requests.
        .target(
            name: "QueueControl",
            dependencies: [
                "ServiceConfiguration", "JobQueue", "DaemonControl", "FaultInjection", "LinuxSupport", "WorkerProtocol",
                "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "UpscaleDaemon",
            dependencies: [
                "QueueControl", "ServiceConfiguration", "ServiceSupport", "JobQueue", "DaemonControl", "FaultInjection",
                "LinuxSupport", "WorkerProtocol", "CInotifyTools", "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // Measuring and training models.
        .target(
            name: "Training",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "ConfigurationFile", "LinuxSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // Runs the command lines of all programs.
        .target(
            name: "CommandSupport",
            dependencies: ["LinuxSupport", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

        // The programs. They contain only command parsing, printing and exit codes.
        .executableTarget(
            name: "srgan",
            dependencies: [
                "SRGAN", "Imaging", "CommandSupport", "LinuxSupport", "ModelLocation", "NeuralNetwork", "Training",
                "WorkerProtocol", "ServiceConfiguration", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "srgand",
            dependencies: [
                "UpscaleDaemon", "CommandSupport", "LinuxSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "srgan-jobs",
            dependencies: [
                "CommandSupport", "DaemonControl", "JobPresentation", "JobQueue", "LinuxSupport", "QueueControl",
                "ServiceConfiguration", "WorkerProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        .executableTarget(
            name: "srgan-notify",
            dependencies: [
                "CommandSupport", "EventHooks", "JobPresentation", "LinuxSupport", "ServiceConfiguration",
                "ServiceSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // The program that Benchmarks/run uses to measure this package, and a library that measures the limits of a
        // processor core for comparison. Neither is installed.
        .target(name: "BenchmarkPeaks", path: "Benchmarks/Peaks", cSettings: [.unsafeFlags(["-O3"])]),
        .executableTarget(
            name: "srgan-bench",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "JobQueue", "LinuxSupport", "BenchmarkPeaks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Benchmarks/Harness"),

        // Changes the inputs of parsers at random, for the tests of several targets.
        .target(name: "Fuzzing", path: "Tests/Fuzzing"),
        .testTarget(
            name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "CKernels", "Fuzzing"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "CVips", "Fuzzing"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "SRGAN", "Imaging", "NeuralNetwork", "Fuzzing",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "SRGANTests",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "Fuzzing",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "LinuxSupportTests",
            dependencies: ["LinuxSupport", .product(name: "SystemPackage", package: "swift-system")]),
        .testTarget(
            name: "ModelLocationTests",
            dependencies: ["ModelLocation", .product(name: "SystemPackage", package: "swift-system")]),
        .testTarget(name: "FaultInjectionTests", dependencies: ["FaultInjection"]),
        .testTarget(name: "WorkerProtocolTests", dependencies: ["WorkerProtocol"]),
        // A program that writes to a queue until a test kills it.
        .executableTarget(
            name: "queue-writer",
            dependencies: ["JobQueue", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/QueueWriter"),
        .testTarget(
            name: "JobQueueTests",
            dependencies: [
                "JobQueue", "DaemonControl", "FaultInjection", "Migrations", "WorkerProtocol", "queue-writer",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "UpscaleDaemonTests",
            dependencies: [
                "UpscaleDaemon", "QueueControl", "ServiceConfiguration", "ServiceSupport", "DaemonControl",
                "JobQueue", "LinuxSupport", "ModelLocation", "WorkerProtocol", "Fuzzing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "EventHooksTests",
            dependencies: [
                "EventHooks", "JobQueue", "LinuxSupport", "ServiceConfiguration",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // A program that tries to break out of the worker's sandbox.
        .executableTarget(name: "sandbox-probe", dependencies: ["CLinux"], path: "Tests/SandboxProbe"),
        // A program that decodes damaged images, one after the other.
        .executableTarget(
            name: "mutated-images", dependencies: ["CLinux", "Imaging"], path: "Tests/MutatedImages"),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "SRGAN", "Imaging", "NeuralNetwork", "JobPresentation", "JobQueue", "DaemonControl",
                "FaultInjection", "LinuxSupport", "UpscaleDaemon", "ServiceConfiguration", "WorkerProtocol", "srgan",
                "srgan-jobs", "srgan-notify",
                "sandbox-probe", "mutated-images", "Fuzzing",
                "CLinux",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
