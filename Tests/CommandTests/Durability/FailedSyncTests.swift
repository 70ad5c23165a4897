import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Promise 3: after a failed fsync the daemon writes nothing more and never retries it; the next start does the rest.
@Suite(.serialized) struct FailedSyncTests {
    private static let chosen: [(part: JobPart, call: String, number: Int)] = [
        (.start, "fdatasync", 1), (.start, "fsync", 4), (.recovery, "fsync", 1), (.intake, "fsync", 1),
        (.intake, "fdatasync", 1),
        (.work, "fsync", 1), (.work, "fsync", 2), (.work, "fdatasync", 2), (.work, "fdatasync", 3),
    ]

    @Test func aFailedSyncEndsTheDaemonAtOnce() throws {
        var failures = 0
        func strike(_ part: JobPart, _ call: String, _ number: Int) throws -> Bool {
            let (hasFailed, violations) = try Self.strike(part, call, number)
            if hasFailed { failures += 1 }
            #expect(violations == [], "\(call) \(number) of \(part.rawValue) failed")
            return hasFailed
        }
        if Torture.isFull {
            for part in JobPart.allCases {
                for call in ["fsync", "fdatasync"] {
                    var number = 1
                    while try strike(part, call, number) { number += 1 }
                }
            }
        } else {
            for (part, call, number) in Self.chosen {
                #expect(try strike(part, call, number), "\(call) \(number) of \(part.rawValue) was not reached")
            }
        }
        Torture.report("3", "\(failures) failed fsyncs: daemon ended each time, none was tried again, I1 to I7 hold")
    }

    @Test(arguments: ["fsync", "fdatasync"]) func aBrokenDaemonIsDetected(_ call: String) throws {
        let fault = call == "fsync" ? Fault.ignoreFailedSync : .relaxedCommits
        let (hasFailed, violations) = try Self.strike(.work, call, 1, fault: fault)
        // Without durable commits there is no fdatasync that could fail; the test detects that.
        #expect(hasFailed == (call == "fsync"))
        #expect(hasFailed ? violations.contains("it was tried again") : true)
    }

    /// Makes one call of a job fail, checks what the daemon did, and recovers.
    private static func strike(
        _ part: JobPart, _ call: String, _ number: Int, fault: Fault? = nil
    ) throws -> (hasFailed: Bool, violations: [String]) {
        let run = try FaultRun(fault: fault)
        let log = run.daemon.path("strace.txt")
        let strace = Strace(call: call, number: number, effect: .inputOutputError)
        let status = try part.run(run, under: strace, log: log)
        let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
        guard let failed = lines.firstIndex(where: { $0.contains("(INJECTED)") }) else { return (false, []) }
        var violations: [String] = []
        // SQLite syncs the folder of its new files and ignores the result; the daemon syncs that folder again itself.
        if call == "fdatasync", lines[failed].contains("\(run.daemon.path("state"))>") {
            return (true, try run.recover())
        }
        if status != 75 { violations.append("srgand ended with \(status.map { "\($0)" } ?? "the job done")") }
        if !run.daemon.log.contains("cannot be made durable") && !run.daemon.log.contains("disk I/O error") {
            violations.append("the log does not tell why")
        }
        let file = lines[failed].drop { $0 != "<" }.prefix { $0 != ")" }
        // A new database switches to a write-ahead log in a transaction that still uses a rollback journal. If its sync
        // fails, SQLite rolls it back within the same call: it writes the old page again and syncs that once.
        let isTakenBack = part == .start && file.hasSuffix("/srgan.db>")
        let later = lines[(failed + 1)...].count { $0.contains(file) }
        if later > (isTakenBack ? 1 : 0) { violations.append("it was tried again") }
        return (true, try violations + run.invariants.violationsAfterFault() + run.recover())
    }
}
