import CLinux
import Foundation
import Imaging
import JobQueue
import SystemPackage
import Testing

/// The sandbox of real workers.
@Suite("The worker's sandbox", .serialized)
struct WorkerSandboxTests {
    let srgan: SrganRunner

    init() throws {
        srgan = try SrganRunner()
    }

    @Test("the start event reports the active layers")
    func startEvent() throws {
        try SampleImages.write(srgan.path("in.png"))
        let result = try srgan.run(
            ["upscale", "-", "-", "--json", "--model", srgan.model], input: srgan.path("in.png"),
            output: srgan.path("out"))
        let cage = try #require(result.event("start")?["cage"] as? [String: Any], "\(result.errors)")
        #expect(cage["no_new_privileges"] as? Bool == true && cage["seccomp"] as? Bool == true)
        let version = clinux_landlock_version()
        #expect(cage["landlock"] as? Int == Int(max(0, version)))
        #expect((cage["lacks"] as? [String])?.isEmpty == (version > 0))
        #expect(cage["memory_bytes"] is NSNull)
        // An output that is given by name needs the file system.
        let named = try srgan.run([
            "upscale", "--json", "--model", srgan.model, srgan.path("in.png"), srgan.path("named.png"),
        ])
        #expect(named.event("start")?["cage"] is NSNull)
    }

    @Test("all threads of a working worker are in the sandbox")
    func threads() throws {
        try SampleImages.write(srgan.path("large.png"), width: 3000, height: 3000)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: SrganRunner.program)
        process.arguments = ["upscale", "-", "-", "--json", "--model", srgan.model, "--threads", "3"]
        let errors = Pipe()
        process.standardInput = FileHandle(forReadingAtPath: srgan.path("large.png"))
        process.standardError = errors
        try Data().write(to: URL(fileURLWithPath: srgan.path("out")))
        process.standardOutput = FileHandle(forUpdatingAtPath: srgan.path("out"))
        try process.run()
        defer { process.waitUntilExit() }
        // The worker inherits the signal mask of the tests' threads, which block all signals that can be blocked.
        defer { kill(process.processIdentifier, SIGKILL) }
        var text = ""
        while !text.contains("tiles_done") {
            let data = errors.fileHandleForReading.availableData
            try #require(!data.isEmpty, "\(text)")
            text += String(decoding: data, as: UTF8.self)
        }
        let threads = SandboxProbe.threads(of: process.processIdentifier)
        #expect(threads.count > 4)
        #expect(threads.allSatisfy { $0 == ("1", "2") }, "\(threads)")
    }

    /// The calls in strace's log, after the filter is active, that need more than open descriptors.
    private func opens(_ arguments: String, _ name: String) throws -> (status: Int32, lines: [Substring]) {
        let result = try srgan.shell(
            "strace -f -o trace -e trace=%file,%network,execve,seccomp $SRGAN upscale - - --json --model $MODEL \(arguments) < \(name) 1<> out"
        )
        let trace = try String(contentsOfFile: srgan.path("trace"), encoding: .utf8).split(separator: "\n")
        let entry = try #require(
            trace.firstIndex { $0.contains("seccomp(SECCOMP_SET_MODE_FILTER") }, "\(result.errors)")
        try #require(trace[..<entry].contains { $0.contains("openat") }, "strace sees nothing")
        // The C library's fstat, which is newfstatat with an empty path.
        return (
            result.status,
            trace[(entry + 1)...].filter { $0.contains("(") && !$0.contains(", \"\"") && !$0.contains("+++") }
        )
    }

    @Test("a job opens nothing inside the sandbox, for all input and output formats", arguments: ImageFormat.allCases)
    func jobsOpenNothing(format: ImageFormat) throws {
        let name = "in.\(format.rawValue)"
        if format.isWritable {
            try SampleImages.write(srgan.path(name), format: format)
        } else {
            // 1 x 1 pixel: libvips writes no GIF without an extra plugin.
            let bytes: [UInt8] = [
                0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x2C, 0, 0, 0, 0,
                1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
            ]
            try Data(bytes).write(to: URL(fileURLWithPath: srgan.path(name)))
        }
        // Reading and writing are independent, so only `make torture` tests all pairs: strace is slow.
        for output in Torture.isFull || format == .png ? ["jpg", "png", "webp", "tif"] : ["png"] {
            let (status, lines) = try opens("--allow-tiff --allow-gif --format \(output) --threads 12", name)
            #expect(status == 0)
            #expect(lines == [], "\(format) to \(output)")
        }
    }

    @Test("the daemon's workers have limits, and the log reports their sandbox once")
    func log() throws {
        let daemon = try DaemonHarness(sections: "[log]\nlevel = \"debug\"")
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        #expect(try daemon.run("--drain") == 0)
        let lines = daemon.log.split(separator: "\n").filter { $0.contains("Worker sandbox: ") }
        #expect(lines.count == 1)
        for word in [
            "no new privileges", "seccomp", "memory up to 2", "CPU time up to", "file up to", "core up to 0 MB",
        ] {
            #expect(lines.first?.contains(word) == true, "\(word): \(lines)")
        }
        #expect(daemon.log.contains("The worker sandbox lacks: Landlock") == (clinux_landlock_version() <= 0))
        #expect(daemon.log.contains("Job 1: worker sandbox: no new privileges"))
    }

    @Test("a worker without a sandbox leads to a warning")
    func warning() throws {
        let daemon = try DaemonHarness(
            worker: #"echo '{"event":"start"}' >&2; echo '{"event":"result","format":"png"}' >&2; echo x"#)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.log.contains("warning: The worker sandbox lacks: every layer"))
    }
}
