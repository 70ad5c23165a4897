import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// Published networks, dropped into the models folder and named in the configuration, upscale by their own scale.
@Suite struct DaemonArchitectureTests {
    private static let fixtures = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("SRGANTests/Fixtures")

    /// The size in a PNG file's header.
    private static func size(of path: FilePath) throws -> [Int] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path.string)))
        return [16, 20].map { start in bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    }

    private static func configuration(_ models: [String]) -> String {
        models.map {
            """
            [[inbox]]
            path = "in-\($0)"
            outbox = "out-\($0)"
            archive = "archive-\($0)"
            failed = "failed-\($0)"
            model = "\($0)"
            naming = "{stem}_x{scale}{extension}"
            settle_seconds = 0.3
            unfinished_settle_seconds = 1

            """
        }.joined()
    }

    @Test func eachModelUpscalesByItsScale() throws {
        let daemon = try DaemonHarness()
        var scales = ["tiny": 4, "ema": 2]
        for scale in [1, 2, 3, 4, 8] {
            try daemon.write(DaemonSamples.compactModel(scale: scale), to: "models/compact\(scale).safetensors")
            scales["compact\(scale)"] = scale
        }
        for steps in 1...4 {
            try daemon.write(DaemonSamples.rrdbModel(steps: steps), to: "models/rrdb\(steps).safetensors")
            scales["rrdb\(steps)"] = 1 << steps
        }
        let checkpoint = URL(filePath: Self.fixtures.appending("container-ema-half.pth").string)
        try daemon.write(try Data(contentsOf: checkpoint), to: "models/ema.pth")
        let names = scales.keys.sorted()
        let rest = "[state]\ndirectory = \"state\"\n[limits]\nmin_free_space_mb = 0\n"
        try daemon.configure(rest + Self.configuration(names))
        for name in names { try daemon.write(DaemonSamples.png, to: "in-\(name)/a.png") }
        #expect(try daemon.run("--drain") == 0)
        for (name, scale) in scales {
            let output = daemon.path("out-\(name)/a_x\(scale).png")
            #expect(try Self.size(of: output) == [12 * scale, 8 * scale], "\(name)")
        }

        // A changed file is a new model: the next job has its hash.
        let before = daemon.jobs()
        try daemon.write(DaemonSamples.compactModel(scale: 3), to: "models/compact2.safetensors")
        try daemon.write(DaemonSamples.png, to: "in-compact2/b.png")
        try daemon.write(DaemonSamples.png, to: "in-compact3/b.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(try Self.size(of: daemon.path("out-compact2/b_x3.png")) == [36, 24])
        let hashes = Set(before.map(\.input.modelSHA256))
        #expect(hashes.count == names.count && daemon.jobs().count == before.count + 2)
        let folder = URL(filePath: daemon.root.string)
        let job = try #require(daemon.jobs().first { $0.input.source == daemon.path("in-compact2/b.png") })
        #expect(try job.input.modelSHA256 == RegularFile.sha256(daemon.path("models/compact2.safetensors")))
        let ema = try #require(before.first { $0.input.source == daemon.path("in-ema/a.png") })
        let shown = try JobsProgram.run(["--config", daemon.configurationPath.string, "show", "\(ema.id)"], in: folder)
        #expect(shown.output.contains(/\nModel +ema\n/))
    }

    /// A job that was queued before a reload still runs with the file that its model had then.
    @Test(arguments: ["pth", "safetensors"]) func aReloadTakesAChangedModel(_ kind: String) throws {
        let daemon = try DaemonHarness()
        let model = "models/photo.\(kind)"
        func write(_ checkpoint: String, _ scale: Int) throws {
            let file = URL(filePath: Self.fixtures.appending(checkpoint).string)
            try daemon.write(
                kind == "pth" ? try Data(contentsOf: file) : DaemonSamples.compactModel(scale: scale), to: model)
        }
        try write("container-ema-half.pth", 2)
        let rest = "[state]\ndirectory = \"state\"\n[limits]\nmin_free_space_mb = 0\n"
        try daemon.configure(rest + Self.configuration(["photo"]))
        try daemon.start()
        let before = try RegularFile.sha256(daemon.path(model))
        _ = try daemon.ask(.pause)
        try daemon.write(DaemonSamples.png(variant: 1), to: "in-photo/a.png")
        try daemon.wait(for: "a.png", .available)
        try write("container-params-bfloat16.pth", 3)
        let after = try RegularFile.sha256(daemon.path(model))
        kill(try #require(daemon.process).processIdentifier, SIGHUP)
        try daemon.wait("the reload") { daemon.log.contains("The configuration was reloaded") ? true : nil }
        try daemon.write(DaemonSamples.png(variant: 2), to: "in-photo/b.png")
        try daemon.wait(for: "b.png", .available)
        _ = try daemon.ask(.resume)
        let hashes = try ["a.png", "b.png"].map { try daemon.wait(for: $0, .completed).input.modelSHA256 }
        #expect(hashes == [before, after] && before != after)
        #expect(try daemon.stop() == 0)
    }

    /// The network is compared with a plain computation when it is loaded, whatever its architecture.
    @Test(arguments: ["tiny", "compact", "rrdb", "ema"]) func wrongKernelsAreFoundBeforeTheFirstImage(_ model: String)
        throws
    {
        let daemon = try DaemonHarness()
        try daemon.write(DaemonSamples.compactModel(scale: 2), to: "models/compact.safetensors")
        try daemon.write(DaemonSamples.rrdbModel(steps: 2), to: "models/rrdb.safetensors")
        let checkpoint = URL(filePath: Self.fixtures.appending("container-ema-half.pth").string)
        try daemon.write(try Data(contentsOf: checkpoint), to: "models/ema.pth")
        let rest = "[state]\ndirectory = \"state\"\n[limits]\nmin_free_space_mb = 0\n"
        try daemon.configure(rest + Self.configuration([model]))
        #expect(try daemon.run("--check-config") == 0, "\(daemon.log)")
        let broken = try daemon.exit(
            of: daemon.launch(["--check-config"], environment: FaultPlan([.wrongKernel]).environment))
        #expect(broken == 78)
        let sentence =
            /The [a-z0-9]+ kernels differ from the reference network by [0-9.e-]+ on this machine\. SRGAN_KERNELS=reference avoids them\./
        #expect(daemon.log.contains(sentence), "\(daemon.log)")
    }
}
