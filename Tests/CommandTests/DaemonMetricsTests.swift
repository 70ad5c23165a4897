import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing
import WorkerProtocol

/// Compares the metrics file with the database after jobs of all kinds: 60, or 500 with `SRGAN_TORTURE=1`.
@Suite struct DaemonMetricsTests {
    private static let count = ProcessInfo.processInfo.environment["SRGAN_TORTURE"] == "1" ? 500 : 60

    @Test func theMetricsEqualTheDatabase() throws {
        let daemon = try DaemonHarness(sections: "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 3600")
        for number in 0..<Self.count {
            let name = "inbox/stranger's name \(number)"
            switch number % 6 {
            // Only every twelfth image is computed: equal bytes reuse an output.
            case 0: try daemon.write(DaemonSamples.png(variant: number % 12 == 0 ? number : 0), to: "\(name).png")
            case 1, 2: try daemon.write(DaemonSamples.png, to: "\(name).png")
            case 3: try daemon.write(Data(), to: "\(name).png")
            case 4: mkfifo(daemon.path("\(name).png").string, 0o600)
            default: try daemon.write(DaemonSamples.jpeg.prefix(500) + Data("\(number)".utf8), to: "\(name).jpg")
            }
        }
        #expect(try daemon.run("--drain") == 2)
        let jobs = daemon.jobs()
        #expect(jobs.count == Self.count)
        #expect(Set(jobs.map(\.reason)) == [nil, .empty, .notARegularFile, .truncated])
        let first = try metrics(of: daemon)
        try check(first, against: jobs)
        #expect(first["srgan_ended_jobs_total{outcome=\"completed\"}"] == Double(jobs.count { $0.state == .completed }))
        #expect(first["srgan_ended_jobs_total{outcome=\"failed\"}"] == Double(jobs.count { $0.state == .failed }))
        #expect(first["srgan_health{state=\"stopping\"}"] == 1)

        // Cancelled, retried and pruned jobs change the sums together with their rows.
        let failed = jobs.filter { $0.reason == .truncated }.map(\.id)
        let config = ["--config", daemon.configurationPath.string]
        let folder = URL(filePath: daemon.root.string)
        #expect(try JobsProgram.run(config + ["retry"] + failed.map(String.init), in: folder).code == 0)
        #expect(try JobsProgram.run(config + ["cancel"] + failed.prefix(2).map(String.init), in: folder).code == 0)
        #expect(try daemon.run("--drain") == 2)
        let again = daemon.jobs()
        #expect(again.count { $0.state == .cancelled } == 2)
        try check(metrics(of: daemon), against: again)

        let middle = try #require(again.compactMap(\.finishedAt).sorted().dropFirst(Self.count / 2).first)
        let moment = middle.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
        #expect(try JobsProgram.run(config + ["prune", "--older-than", moment], in: folder).code == 0)
        // FIFOs stay in place, and their rows stay as well, so they are not reported again.
        #expect(try daemon.run("--drain") == 0)
        let rest = daemon.jobs()
        #expect(rest.count < Self.count && rest.contains { $0.state == .completed })
        try check(metrics(of: daemon), against: rest)
    }

    /// All samples of the file. Also checks that Prometheus finds no mistake in it and that it contains no file name.
    private func metrics(of daemon: DaemonHarness) throws -> [String: Double] {
        let file = URL(filePath: daemon.path("srgan.prom").string)
        let verdict = try Promtool.run(["check", "metrics"], input: file)
        #expect(verdict.code == 0 && verdict.output.isEmpty, "\(verdict.output)")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(!text.contains("stranger") && !text.contains(daemon.root.string))
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            #expect(words.count == 2 && samples[String(words[0])] == nil)
            samples[String(words[0])] = Double(words[1])
        }
        return samples
    }

    private func check(_ samples: [String: Double], against jobs: [Job]) throws {
        for state in JobState.allCases {
            #expect(samples["srgan_jobs{state=\"\(state)\"}"] == Double(jobs.count { $0.state == state }), "\(state)")
        }
        for reason in FailureReason.allCases {
            let count = jobs.count { $0.state == .failed && $0.reason == reason }
            #expect(samples["srgan_failed_jobs{reason=\"\(reason.rawValue)\"}"] == Double(count), "\(reason)")
        }
        let done = jobs.filter { $0.state == .completed }
        func total(_ name: String, _ value: (JobMetrics) -> Double) {
            let sum = done.compactMap(\.metrics).map(value).reduce(0, +)
            #expect(abs((samples[name] ?? -1) - sum) < 1e-3, "\(name): \(samples[name] ?? -1) and \(sum)")
        }
        #expect(samples["srgan_reused_jobs"] == Double(done.count { $0.reusedJobID != nil }))
        total("srgan_input_pixels") { Double($0.inputWidth * $0.inputHeight) }
        total("srgan_output_pixels") { Double($0.outputWidth * $0.outputHeight) }
        total("srgan_tiles") { Double($0.tiles) }
        total("srgan_cpu_seconds") { $0.cpuSeconds }
        total("srgan_job_seconds") { $0.totalSeconds }
        total("srgan_stage_seconds{stage=\"wait\"}") { $0.waitSeconds }
        total("srgan_stage_seconds{stage=\"decode\"}") { $0.decodeSeconds }
        total("srgan_stage_seconds{stage=\"upscale\"}") { $0.upscaleSeconds }
        total("srgan_stage_seconds{stage=\"encode\"}") { $0.encodeSeconds }
        total("srgan_stage_seconds{stage=\"publish\"}") { $0.publishSeconds }
    }
}
