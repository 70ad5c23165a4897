import DaemonControl
import Foundation
import JobQueue
import Testing
import WorkerProtocol

@testable import QueueControl
@testable import UpscaleDaemon

/// The pages explain every state, reason and metric of the programs, and nothing else.
struct DocumentationTests {
    private static func page(_ name: String) throws -> String {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: repository.appending(path: name), encoding: .utf8)
    }

    /// The text from a heading to the next heading.
    private static func section(_ title: String, of page: String) throws -> String {
        let lines = page.components(separatedBy: "\n")
        let begin = try #require(lines.firstIndex(of: title))
        return lines[(begin + 1)...].prefix { !$0.hasPrefix("#") }.joined(separator: "\n")
    }

    /// The texts between backquotes.
    private static func quoted(_ text: String) -> [String] {
        text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    /// The texts between backquotes in the first column of a table.
    private static func firstColumn(of text: String) -> [String] {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
            quoted(row.components(separatedBy: "|")[1])
        }
    }

    /// The words that start with a prefix and continue with small letters and underscores.
    private static func words(startingWith prefix: String, in text: String) -> Set<String> {
        Set(
            text.components(separatedBy: prefix).dropFirst().map { rest in
                prefix + rest.prefix { $0 == "_" || ("a"..."z").contains($0) }
            })
    }

    @Test func everyStateIsExplained() throws {
        let explained = Self.firstColumn(
            of: try Self.section("## States, and what to do", of: Self.page("docs/operations.md")))
        #expect(explained == JobState.allCases.map(\.rawValue))
        let (architecture, commands) = (try Self.page("docs/architecture.md"), try Self.page("docs/cli.md"))
        for state in JobState.allCases.map(\.rawValue) {
            #expect(architecture.contains(state) && commands.contains("`\(state)`"), "\(state)")
        }
    }

    @Test func everyReasonIsExplained() throws {
        let explained = Self.firstColumn(of: try Self.section("## Reasons", of: Self.page("docs/operations.md")))
        #expect(explained.sorted() == FailureReason.allCases.map(\.rawValue).sorted())
        let commands = Set(Self.quoted(try Self.page("docs/cli.md")))
        for reason in FailureReason.allCases.map(\.rawValue) { #expect(commands.contains(reason), "\(reason)") }
    }

    @Test func everyMetricIsExplained() throws {
        let health = DaemonHealth(pid: 1, version: "1", state: .ready, polling: false, diskFull: false)
        let gauges = MetricsText.Gauges(
            now: 0, startedAt: 0, health: health, running: 0, settling: 0, isPaused: false, completed: 0, failed: 0)
        let text = MetricsText(statistics: QueueStatistics(), gauges: gauges).text
        let metrics = Set(
            text.components(separatedBy: "\n").filter { $0.hasPrefix("# TYPE ") }
                .map { $0.components(separatedBy: " ")[2] })
        #expect(metrics.count > 15)
        let section = try Self.section("### Metrics and alerts", of: Self.page("docs/operations.md"))
        let names = Self.firstColumn(of: section).map { String($0.prefix { $0 != "{" }) }
        #expect(Set(names.filter { $0.hasPrefix("srgan_") }) == metrics)
        // The alert rules use no other metrics, and the page says what to do for each alert.
        let rules = try Self.page("docs/alerts/srgan.rules.yml")
        #expect(Self.words(startingWith: "srgan_", in: rules).isSubset(of: metrics))
        let alerts = rules.components(separatedBy: "\n").compactMap { line in
            line.range(of: "alert: ").map { String(line[$0.upperBound...]) }
        }
        #expect(!alerts.isEmpty && names.filter { $0.hasPrefix("Srgan") } == alerts)
    }
}
