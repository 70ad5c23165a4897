import Foundation
import LinuxSupport
import Logging
import Synchronization

/// What a worker says at its start about what holds it.
struct WorkerCageReport: Equatable, Sendable {
    /// What is in force, one phrase each.
    var holds: [String] = []
    /// What the kernel lacks or refuses, one phrase each.
    var lacks: [String] = []

    /// - object: the field `cage` of a `start` event; a worker without one has no cage.
    init(_ object: Any?) {
        guard let object = object as? [String: Any] else {
            lacks = ["a cage (the program speaks of none)"]
            return
        }
        func number(_ key: String) -> Int64? { (object[key] as? NSNumber).flatMap { Int64(exactly: $0) } }
        if object["no_new_privileges"] as? Bool == true { holds.append("no new privileges") }
        if let version = number("landlock"), version > 0 { holds.append("Landlock \(version)") }
        if object["seccomp"] as? Bool == true { holds.append("seccomp") }
        let limits: [(key: String, name: String, unit: Int64, suffix: String)] = [
            ("memory_bytes", "memory", 1_000_000, " MB"), ("cpu_seconds", "CPU time", 1, " s"),
            ("file_bytes", "file", 1_000_000, " MB"), ("core_bytes", "core", 1_000_000, " MB"),
            ("processes", "processes of the user", 1, ""), ("descriptors", "descriptors", 1, ""),
        ]
        for (key, name, unit, suffix) in limits {
            if let value = number(key) { holds.append("\(name) up to \(value / unit)\(suffix)") }
        }
        lacks =
            (object["lacks"] as? [Any])?.compactMap { $0 as? String }.map { EscapedBytes.text(Array($0.utf8)) } ?? []
    }

    /// The phrases in force, for a line of the log.
    var text: String { holds.isEmpty ? "nothing" : holds.joined(separator: ", ") }
}

/// Tells the log about the workers' cage when it is first seen, and again only when it has changed.
final class WorkerCageLog: Sendable {
    private let logger: Logger
    private let last = Mutex<WorkerCageReport?>(nil)

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ report: WorkerCageReport) {
        let isNew = last.withLock { last in
            defer { last = report }
            return last != report
        }
        guard isNew else { return }
        logger.notice("Workers are held by: \(report.text).")
        if !report.lacks.isEmpty {
            logger.warning("Workers are not held by: \(report.lacks.joined(separator: ", ")).")
        }
    }
}
