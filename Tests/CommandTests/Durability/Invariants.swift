import Foundation
import GRDB
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// The promises I1 to I7 of docs/reliability.md, checked on the disk while no daemon runs.
struct Invariants {
    let daemon: DaemonHarness
    /// The images that were dropped into the inbox, by name.
    var inputs: [String: SmallImage] = [:]
    /// Foreign files in the outbox, by name; the daemon must never touch them.
    var foreign: [String: Data] = [:]

    /// Checks what must hold immediately after any fault; each sentence names the violated invariant.
    func violationsAfterFault() throws -> [String] {
        var found = try damage()
        let outputs = Set(inputs.values.map(\.output))
        for name in visible("outbox") {
            let content = try read("outbox/\(name)")
            if let other = foreign[name] {
                if other != content { found.append("the foreign file \(name) was replaced") }
            } else if !(content.map(outputs.contains) ?? true) {
                found.append("I4: outbox/\(name) is no complete output")
            }
        }
        let jobs = jobsByName()
        for (name, image) in inputs {
            let isCompleted = jobs[name]?.contains { $0.state == .completed } ?? false
            let places = isCompleted ? ["inbox", "archive"] : ["inbox"]
            if try !places.contains(where: { try read("\($0)/\(name)") == image.content }) {
                found.append("I7: the original of \(name) is gone")
            }
        }
        return found.sorted()
    }

    /// Checks what must hold after a start that had time to finish everything.
    func violationsAfterRecovery() throws -> [String] {
        var found = try violationsAfterFault()
        let jobs = jobsByName()
        var outputs: Set<String> = Set(foreign.keys)
        for (name, image) in inputs {
            let rows = jobs[name] ?? []
            guard rows.count == 1, let job = rows.first else {
                found.append("I1: \(name) has \(rows.count) rows")
                continue
            }
            guard job.state == .completed, let output = job.output?.lastComponent?.string else {
                found.append("I1: \(name) is \(job.state.rawValue) (\(job.message ?? ""))")
                continue
            }
            outputs.insert(output)
            let content = try read("outbox/\(output)")
            if content != image.output { found.append("I2: \(name) has another output than undisturbed") }
            if let content, Self.sha256(content) != job.outputSHA256 { found.append("I2: \(name) has another hash") }
            if job.needsDisposal || daemon.exists("inbox/\(name)") { found.append("I7: \(name) was not archived") }
            if try read("archive/\(name)") != image.content { found.append("I7: \(name) is not in the archive") }
        }
        for name in jobs.keys where inputs[name] == nil { found.append("I1: \(name) was never dropped") }
        for name in visible("outbox") where !outputs.contains(name) { found.append("I3: \(name) has no row") }
        for name in visible("archive") where inputs[name] == nil { found.append("I1: \(name) is in the archive") }
        for folder in ["outbox", "archive", "failed", "state/models"] {
            found += daemon.files(below: folder).filter(Self.isTemporary).map { "I5: \(folder)/\($0) was left" }
        }
        found += daemon.files(below: "state/spool").map { "I5: state/spool/\($0) was left" }
        return found.sorted()
    }

    /// I6: the damage that SQLite finds in the queue. Checks a copy, because opening the queue itself would change it.
    private func damage() throws -> [String] {
        let copy = FileManager.default.temporaryDirectory.appending(path: "srgan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: copy) }
        for name in ["srgan.db", "srgan.db-wal", "srgan.db-journal"] where daemon.exists("state/\(name)") {
            try FileManager.default.copyItem(
                atPath: daemon.path("state/\(name)").string, toPath: copy.appending(path: name).path)
        }
        do {
            return try DatabaseQueue(path: copy.appending(path: "srgan.db").path).read { db in
                let check = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                let keys = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { "\($0)" }
                return (check + keys).map { "I6: \($0)" }
            }
        } catch {
            return ["I6: the queue cannot be read: \(error)"]
        }
    }

    /// The jobs of each dropped file, by name.
    func jobsByName() -> [String: [Job]] {
        Dictionary(grouping: daemon.jobs()) { $0.input.source.lastComponent?.string ?? "" }
    }

    private func visible(_ folder: String) -> [String] {
        daemon.files(below: folder).filter { !Self.isTemporary($0) }
    }

    private static func isTemporary(_ name: String) -> Bool {
        name.split(separator: "/").last?.hasPrefix(".") ?? false
    }

    private func read(_ name: String) throws -> Data? {
        daemon.exists(name) ? try Data(contentsOf: URL(fileURLWithPath: daemon.path(name).string)) : nil
    }

    private static func sha256(_ data: Data) -> String {
        SHA256.hash(data)
    }
}
