import Foundation
import JobQueue
import Testing

/// The daemon's memory stays constant while it processes jobs, for as long as configured.
@Suite(.serialized) struct SoakTests {
    /// The memory that a daemon may need in addition at the end, compared with its first jobs. Fluctuations of the
    /// allocator stay below it; one leaked image in a thousand is far above it.
    private static let growth = 16 << 20

    @Test func memoryStaysFlat() throws {
        let minutes = ProcessInfo.processInfo.environment["SRGAN_SOAK_MINUTES"].flatMap(Double.init) ?? 60
        let run = try FaultRun(sections: "[workers]\nprocesses = 2\nthreads = 1")
        try run.start()
        let pid = try #require(run.daemon.process).processIdentifier
        let end = Date().addingTimeInterval(minutes * 60)
        var jobs = 0
        var first = 0
        var sizes: [Int] = []
        repeat {
            for _ in 0..<20 {
                // Each file has different content, so each is computed.
                try run.daemon.write(DaemonSamples.png(variant: jobs), to: "outside/\(jobs).png")
                try run.daemon.move("outside/\(jobs).png", to: "inbox/\(jobs).png")
                jobs += 1
            }
            for count in 1...20 {
                try run.daemon.wait("job \(count) of 20") {
                    run.daemon.files(below: "archive").count >= count ? true : nil
                }
            }
            #expect(run.daemon.files(below: "outbox").count == 20)
            for folder in ["archive", "outbox"] {
                for name in run.daemon.files(below: folder) {
                    try FileManager.default.removeItem(atPath: run.daemon.path("\(folder)/\(name)").string)
                }
            }
            sizes.append(try Self.residentBytes(pid))
            if first == 0, sizes.count == 3 { first = sizes[2] }
        } while Torture.isFull ? Date() < end : sizes.count < 6
        let last = try #require(sizes.last)
        #expect(last - first < Self.growth, "\(sizes.map { $0 >> 20 }) MiB")
        #expect(try run.daemon.stop() == 0)
        let (low, high) = (first >> 20, last >> 20)
        Torture.report(
            "soak",
            "\(Torture.isFull ? "\(minutes) minutes" : "6 rounds"), \(jobs) jobs: \(low) MiB after 60, \(high) at the end"
        )
    }

    private static func residentBytes(_ pid: Int32) throws -> Int {
        let words = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
        return try #require(words.count > 1 ? Int(words[1]) : nil) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
