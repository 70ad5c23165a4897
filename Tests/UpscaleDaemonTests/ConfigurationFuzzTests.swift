import Fuzzing
import Testing

@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// Randomly changed config.toml files.
struct ConfigurationFuzzTests {
    private static let least = "[state]\ndirectory = \"s\"\n[[inbox]]\npath = \"i\"\noutbox = \"/o\"\n"

    private static let corpus =
        [
            least,
            least + """
                archive = "a"
                failed = "f"
                model = "srresnet-x4"
                format = "png"
                quality = 90
                compression = 6
                naming = "{stem}_{scale}_{id}{extension}"
                originals = "keep"
                settle_seconds = 2.5
                recursive = false
                ignore = ["*.bak", "x/*"]
                keep_metadata = true
                keep_gps = true
                """,
            least + """
                [workers]
                processes = "auto"
                threads = 2
                nice = 10
                program = "/usr/bin/srgan"
                timeout_seconds = 3_600
                [upscale]
                tile = "auto"
                overlap = "exact"
                [retry]
                max_attempts = 3
                first_delay_seconds = 10
                max_delay_seconds = 600.0
                """,
            least + """
                [limits]
                max_file_size_mb = 100
                max_megapixels = 100
                max_side = 32768
                formats = ["jpeg", "png"]
                min_free_space_mb = 512
                [metrics]
                file = "m.prom"
                interval_seconds = 15
                [log]
                level = "info"
                [service]
                rescan_seconds = 60
                stop_timeout_seconds = 30
                control_socket_mode = "0660"
                """,
        ].map { Array($0.utf8) }

    @Test func changedFiles() {
        let dictionary = [
            "[", "]", "[[inbox]]", "[state]", "[limits]", "= ", "\"", "'''", "\"\"\"", "\n", "{", "}", "{stem}", "true",
            "nan", "inf", "-inf", "1979-05-27T07:32:00Z", "1979-05-27 7", "0x", "0b1", "1_0", "\\u0000", "\\uD800", "#",
            ".", "..", "/",
            "[[[[[[[[[[[[[[[[", "a.b.c.d.e.f", "{a={a={a={a=", "quality", "\u{FEFF}",
        ]
        let tally = FuzzCampaign("config").run(Mutator(corpus: Self.corpus, dictionary: dictionary, seed: 9)) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let configuration = try Configuration.parse(text, path: "/srv/c.toml")
                return Self.flaw(configuration).map { .wrong($0) } ?? .accepted
            } catch let error as DaemonError {
                let isNamed =
                    !error.mistakes.isEmpty && error.mistakes.allSatisfy { $0.description.hasPrefix("/srv/c.toml") }
                return error.code == .configuration && isNamed ? .refused : .wrong(error.message)
            } catch {
                return .wrong("\(error)")
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 10 && tally.refused > 100, "\(tally.accepted) read, \(tally.refused) refused")
    }

    /// What no accepted configuration may contain; the ranges are those in docs/cli.md.
    private static func flaw(_ configuration: Configuration) -> String? {
        let delays = [
            configuration.workers.timeoutSeconds, configuration.retry.firstDelaySeconds,
            configuration.retry.maxDelaySeconds, configuration.metrics.intervalSeconds,
            configuration.service.rescanSeconds, configuration.service.stopTimeoutSeconds,
        ]
        guard (delays + configuration.inboxes.map(\.settleSeconds)).allSatisfy({ (0...604_800).contains($0) }) else {
            return "a time out of range"
        }
        guard !configuration.inboxes.isEmpty, configuration.inboxes.allSatisfy({ (1...100).contains($0.quality) })
        else {
            return "an inbox out of range"
        }
        let (processes, threads) = configuration.workers.resolved(cores: 4)
        guard (1...256).contains(processes), (1...256).contains(threads) else { return "workers out of range" }
        let folders = [configuration.stateFolder] + configuration.inboxes.flatMap { [$0.path, $0.outbox, $0.archive] }
        return folders.allSatisfy(\.isAbsolute) ? nil : "a relative folder"
    }
}
