import Foundation
import JobQueue
import LinuxSupport

/// One event as `events` prints it. All members are pure functions.
package struct EventFields {
    package let event: JobEvent

    /// Creates the values of an event.
    package init(event: JobEvent) { self.event = event }

    /// The line for a person: id, time, what happened, job, file, and the output or the reason.
    package func line(now: Date, timeZone: TimeZone) -> String {
        let time = Quantity.time(event.time, now: now, timeZone: timeZone)
        let kind = event.kind.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
        let name = JobFields.name(event.source, inbox: event.inbox)
        return "\(event.id)  \(time)  \(kind)  job \(event.jobID)  \(name)\(note)"
    }

    private var note: String {
        if let output = event.output { return " -> \(output.escaped)" }
        guard let reason = event.reason else { return "" }
        return "  \(reason.rawValue): \(PlainText.clean(event.message ?? ""))"
    }

    /// The object for `--json`; docs/cli.md describes every field.
    ///
    /// - job: the job as it is now; nil if it was pruned.
    package func json(job: JobFields?) -> JSONValue {
        var fields: [(String, JSONValue)] = [
            ("version", 1), ("event", JSONValue(event.id)), ("time", .string(Quantity.timestamp(event.time))),
            ("kind", .string(event.kind.rawValue)), ("job_id", JSONValue(event.jobID)),
            ("attempt", JSONValue(event.attempt)),
        ]
        fields += JobFields.path("input", event.source)
        fields += JobFields.path("inbox", event.inbox.isEmpty ? nil : event.inbox)
        fields += JobFields.path("output", event.output)
        fields += [
            ("reason", JSONValue(event.reason?.rawValue)), ("message", JSONValue(event.message)),
            ("job", job?.json ?? .null),
        ]
        return .object(fields)
    }
}
