import Foundation
import Testing

/// Prometheus' own unit tests check that the alert rules do what docs/operations.md says and use only metrics that
/// exist.
@Suite struct AlertRulesTests {
    private static let folder = Promtool.repository.appending(path: "docs/alerts")
    private static let rules = folder.appending(path: "srgan.rules.yml")

    @Test func theRulesAreWellFormed() throws {
        let outcome = try Promtool.run(["check", "rules", Self.rules.path])
        #expect(outcome.code == 0 && outcome.output.contains("SUCCESS: 6 rules found"), "\(outcome.output)")
    }

    @Test func eachAlertFiresExactlyWhenItShould() throws {
        let outcome = try Promtool.run(["test", "rules", "srgan.rules.test.yml"], in: Self.folder)
        #expect(outcome.code == 0, "\(outcome.output)")
    }

    @Test func aWrongRuleFailsItsTest() throws {
        let work = FileManager.default.temporaryDirectory.appending(path: "srgan-alerts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        try FileManager.default.copyItem(
            at: Self.folder.appending(path: "srgan.rules.test.yml"), to: work.appending(path: "srgan.rules.test.yml"))
        let text = try String(contentsOf: Self.rules, encoding: .utf8)
        for (right, wrong) in [
            ("> 180", "> 1800"), ("state=\"stalled\"", "state=\"ready\""), ("[90m])) == 0", "[90m])) >= 0"),
            ("> 0.2 *", "> 2 *"), ("srgan_disk_full == 1", "srgan_disk_full == 2"), ("for: 15m", "for: 60m"),
        ] {
            #expect(text.contains(right))
            try text.replacing(right, with: wrong, maxReplacements: 1).write(
                to: work.appending(path: "srgan.rules.yml"), atomically: true, encoding: .utf8)
            #expect(try Promtool.run(["test", "rules", "srgan.rules.test.yml"], in: work).code != 0, "\(wrong)")
        }
    }
}
