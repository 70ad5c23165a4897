import Fuzzing
import LinuxSupport
import Testing

@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// Randomly changed standard error output of workers: a worker that an image has captured can write anything.
struct WorkerFuzzTests {
    private static let longest = 200
    private let limits: WorkerLimits

    init() throws {
        let configuration = try Configuration.parse(
            "[state]\ndirectory = \"s\"\n[[inbox]]\npath = \"i\"\noutbox = \"o\"\n", path: "/c.toml")
        limits = WorkerLimits(configuration, cores: 1)
    }

    private static let corpus: [String] = [
        """
        {"event":"start","model":"tiny","version":"1.2"}
        {"event":"input","width":640,"height":480,"tiles":20,"format":"jpeg"}

        """,
        """
        {"event":"progress","tiles_done":3,"tiles_total":20}
        VIPS-WARNING: words

        """,
        """
        {"event":"result","format":"png","input_width":6,"input_height":4,"output_width":24,"output_height":16,"tiles":1}
        {"event":"result","tiles":1,"decode_seconds":0.25,"cpu_seconds":1e3,"peak_memory_bytes":1,"notes":["a"]}

        """,
        """
        {"event":"error","reason":"corrupt","message":"The file ends early."}

        \u{1B}[31mred\u{7}
        """,
    ]

    @Test func changedLines() {
        let dictionary = [
            "{", "}", "[", "]", "\n", "\"", ":", ",", "null", "true", "-1", "\"event\":", "\"result\"", "\"error\"",
            "\"reason\":", "\"disk_full\"", "\"worker_timed_out\"", "\"notes\":", "\\u0000", "\\ud800", "\u{1B}[2J",
            "\u{202E}", "\u{0}", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":",
        ]
        let mutator = Mutator(corpus: Self.corpus.map { Array($0.utf8) }, dictionary: dictionary, seed: 10)
        let tally = FuzzCampaign("worker").run(mutator, judge)
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 1000, "\(tally.accepted) events, \(tally.refused) texts")
    }

    /// Accepted: every line was an event; refused: at least one line was treated as text.
    private func judge(_ bytes: [UInt8]) -> FuzzCampaign.Verdict {
        var lines: [[UInt8]] = []
        var buffer = LineBuffer(longest: Self.longest)
        for start in stride(from: 0, to: bytes.count, by: 7) {
            buffer.append(bytes[start..<min(bytes.count, start + 7)])
            while let line = buffer.next() { lines.append(line) }
        }
        if let line = buffer.rest() { lines.append(line) }
        let expected = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Array($0.prefix(Self.longest)) }
        guard lines == (expected.last?.isEmpty == true ? expected.dropLast() : expected) else {
            return .wrong("the lines are others")
        }

        var report = WorkerReport()
        var isText = false
        for line in lines {
            let line = WorkerLine(line)
            report.add(line)
            switch line {
            case .text: isText = true
            case .event(.input(let input)):
                guard min(input.width, input.height, input.tiles) >= 0 else { return .wrong("a negative size") }
            case .event(.progress(let progress)):
                guard min(progress.tilesDone, progress.tilesTotal) >= 0 else { return .wrong("a negative count") }
            case .event(.result(let result)):
                guard result.cpuSeconds >= 0, result.cpuSeconds < 1e9, result.peakMemoryBytes >= 0, result.tiles >= 0
                else { return .wrong("a measure out of range") }
            case .event(.start), .event(.error): break
            }
        }
        for ending in [WorkerReport.Ending.exited(0), .exited(65), .signalled(9)] {
            report.ending = ending
            switch report.verdict(outputSize: 1, limits: limits) {
            case .failed(_, let message), .release(let message):
                guard message.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                    return .wrong("a control character in \(message)")
                }
            case .succeeded where ending != .exited(0): return .wrong("a success after \(ending)")
            case .succeeded, .cancelled: break
            }
        }
        return isText ? .refused : .accepted
    }
}
