import DaemonControl
import Foundation
import JobQueue
import LinuxSupport

/// Changes jobs by id, for `retry` and `cancel`.
enum JobChanges {
    /// Changes the jobs in batches that fit into one request each, and prints each outcome. Throws the exit code if a
    /// job was not changed or a name selected none.
    static func run(
        _ selected: JobSelection.Selected, done: String, json: Bool, _ send: ([Int64]) throws -> ControlReply
    ) throws {
        let ids = selected.ids
        var outcomes: [JobOutcome] = []
        for start in stride(from: 0, to: ids.count, by: ControlLine.maximumItems) {
            let part = Array(ids[start..<min(start + ControlLine.maximumItems, ids.count)])
            guard case .jobs(let answers) = try send(part) else {
                throw ControlError(.malformed, "The daemon's reply does not match the request.")
            }
            outcomes += answers
        }
        if json {
            StandardOutput.print(Self.json(outcomes).text)
        } else {
            if outcomes.isEmpty && selected.misses == 0 { StandardOutput.print("No job matches.") }
            for outcome in outcomes {
                if outcome.changed {
                    let remark = outcome.message.map { ": \(PlainText.clean($0))" } ?? ""
                    StandardOutput.print("\(outcome.id) \(done)\(remark)")
                } else {
                    Console.error(outcome.message ?? "Job \(outcome.id) was not changed.")
                }
            }
        }
        try ExitStatus.check(
            failures: selected.misses + outcomes.count { !$0.changed }, of: selected.misses + outcomes.count)
    }

    /// The outcomes for `--json`; docs/cli.md describes every field.
    static func json(_ outcomes: [JobOutcome]) -> JSONValue {
        let jobs = outcomes.map { outcome in
            JSONValue.object([
                ("id", JSONValue(outcome.id)), ("changed", .bool(outcome.changed)),
                ("message", JSONValue(outcome.message)),
            ])
        }
        return .object([("version", 1), ("jobs", .lines(jobs))])
    }
}
