import CLinux
import Foundation
import JobQueue
import Testing

/// Decompression bombs are refused, or processed within the limits, before the network computes anything.
@Suite("Decompression bombs", .serialized)
struct BombTests {
    private static func daemon(limits: String) throws -> DaemonHarness {
        // An output of 20,000 pixels a side exceeds JPEG's limit, which would be checked first.
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3\nformat = \"png\"")
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(
            of: "[limits]", with: "[limits]\nformats = [\"jpeg\", \"png\", \"webp\", \"tiff\", \"gif\"]\n\(limits)")
        text = text.replacingOccurrences(of: "[retry]", with: "[workers]\nthreads = 1\n[retry]\nmax_attempts = 1")
        try daemon.configure(text)
        for (name, bytes) in Bombs.all() { try daemon.write(Data(bytes), to: "inbox/\(name)") }
        return daemon
    }

    @Test("the default limits reject each bomb by its header, and the message names limit, value and key")
    func byDefault() throws {
        let daemon = try Self.daemon(limits: "")
        _ = try daemon.run("--drain")
        for (name, words) in [
            ("interlaced.png", "400000000 pixels, but at most 100000000 are allowed (limits.max_megapixels)"),
            ("progressive.jpg", "400000000 pixels, but at most 100000000 are allowed (limits.max_megapixels)"),
            ("screen.gif", "32768 per side are allowed (limits.max_side)"),
        ] {
            let job = try #require(try daemon.job(name))
            #expect(job.reason == .tooLarge, "\(name): \(job.message ?? "")")
            #expect(job.message?.contains(words) == true, "\(name): \(job.message ?? "")")
        }
        for name in ["text.png", "profile.png", "tile.tif", "side.tif"] {
            let job = try #require(try daemon.job(name))
            #expect(job.state == .completed || job.state == .failed && job.reason != .workerCrashed, "\(name): \(job)")
            #expect(job.metrics.map { $0.peakMemoryBytes < 400_000_000 } ?? true, "\(name)")
        }
    }

    @Test("the memory limit stops bombs whose size is allowed")
    func byMemory() throws {
        let daemon = try Self.daemon(limits: "max_megapixels = 100000\nmax_side = 1000000\nworker_memory_mb = 600")
        _ = try daemon.run("--drain")
        for name in ["interlaced.png", "progressive.jpg"] {
            let job = try #require(try daemon.job(name))
            #expect(job.reason == .outOfMemory, "\(name): \(job)")
            #expect(job.message?.contains("limits.worker_memory_mb allows 600 MB") == true, "\(job.message ?? "")")
        }
        for job in daemon.jobs() { #expect(job.state.isFinal && job.reason != .workerCrashed, "\(job)") }
    }

    @Test("no bomb reaches the network", arguments: Bombs.all().keys.sorted())
    func noCompute(name: String) throws {
        let srgan = try SrganRunner()
        try Data(Bombs.all()[name]!).write(to: URL(fileURLWithPath: srgan.path("bomb")))
        let result = try srgan.shell(
            """
            prlimit --data=600000000 --cpu=60 $SRGAN upscale - - --json --threads 1 --allow-tiff --allow-gif \
            --max-pixels 100000000000 --max-side 2000000000 --model $MODEL < bomb 1<> out
            """)
        #expect(result.event("start") != nil)
        // An image of 16 x 16 pixels with a bomb in its margin may be processed: it is one tile.
        #expect(result.event("result") != nil || result.event("progress") == nil, "\(result.errors)")
    }
}
