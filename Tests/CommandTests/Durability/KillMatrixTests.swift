import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// Promise 1: after a kill before any system call of one job, from an empty folder to the archived original, the next
/// start restores a correct state.
@Suite(.serialized) struct KillMatrixTests {
    /// The kill points that `make test` uses as a sample of all.
    private static let chosen: [(part: JobPart, call: String, number: Int)] = [
        (.start, "pwrite64", 5), (.recovery, "renameat2", 1), (.recovery, "fdatasync", 2),
        (.intake, "fsync", 2), (.intake, "fdatasync", 1),
        (.work, "fsync", 1), (.work, "fdatasync", 2), (.work, "renameat2", 1), (.work, "fsync", 2),
        (.work, "fdatasync", 3), (.work, "renameat2", 2), (.work, "fdatasync", 4),
    ]

    @Test func everyInvariantHoldsAfterAKill() throws {
        var kills = 0
        func strike(_ part: JobPart, _ call: String, _ number: Int) throws -> Bool {
            let (wasKilled, violations) = try Self.strike(part, call, number)
            if wasKilled { kills += 1 }
            #expect(violations == [], "killed at \(call) \(number) of \(part.rawValue)")
            return wasKilled
        }
        if Torture.isFull {
            for part in JobPart.allCases {
                for call in Strace.calls {
                    var number = try Self.firstOfOurs(part, call)
                    while try strike(part, call, number) { number += 1 }
                }
            }
        } else {
            for (part, call, number) in Self.chosen {
                #expect(try strike(part, call, number), "\(call) \(number) of \(part.rawValue) was not reached")
            }
        }
        Torture.report("1", "killed before \(kills) system calls of one job: I1 to I7 hold after each")
    }

    @Test(arguments: [
        (Fault.replaceOnRename, JobPart.work, "fsync", 2), (.keepTemporaries, .work, "fsync", 1),
    ])
    func aBrokenDaemonIsDetected(_ fault: Fault, _ part: JobPart, _ call: String, _ number: Int) throws {
        let (wasKilled, violations) = try Self.strike(part, call, number, fault: fault)
        #expect(wasKilled)
        #expect(violations != [])
    }

    @Test func anOutputNamedBeforeItsRowIsDetected() throws {
        // The first write of the commit that follows the rename.
        let run = try FaultRun(fault: .renameBeforeCommit)
        let log = run.daemon.path("strace.txt")
        try run.start()
        let tracer = try Strace(call: "renameat2", alsoTraced: ["pwrite64"], number: 65_535, effect: .kill).attach(
            to: run.daemon.thread("worker-slot-1"), of: run.daemon, log: log)
        try run.drop(SmallImage.set(1)[0], as: "a.png")
        try run.daemon.wait("the end") { run.isSettled() ? true : nil }
        try run.daemon.stop()
        tracer.waitUntilExit()
        let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
        let writes = lines.prefix { !$0.hasPrefix("renameat2") }.count { $0.hasPrefix("pwrite64") }
        let (wasKilled, violations) = try Self.strike(.work, "pwrite64", writes + 1, fault: .renameBeforeCommit)
        #expect(wasKilled)
        #expect(violations.contains { $0.hasPrefix("I3") })
    }

    /// Runs one job, kills at the call, and recovers; returns whether the call occurred, and all violations.
    private static func strike(
        _ part: JobPart, _ call: String, _ number: Int, fault: Fault? = nil
    ) throws -> (wasKilled: Bool, violations: [String]) {
        let run = try FaultRun(fault: fault)
        try run.occupy("a.png")
        let strace = Strace(call: call, number: number, effect: .kill)
        let status = try part.run(run, under: strace, log: run.daemon.path("strace.txt"))
        let wasKilled = status == 128 + SIGKILL
        try #require(wasKilled || status == nil || status == 0, "srgand ended with \(status ?? 0)\n\(run.daemon.log)")
        return (wasKilled, try run.invariants.violationsAfterFault() + run.recover())
    }

    /// The number of a thread's first call of this kind that concerns the test's files: a starting program first opens
    /// dozens of libraries.
    private static func firstOfOurs(_ part: JobPart, _ call: String) throws -> Int {
        guard call == "openat", part == .start || part == .recovery else { return 1 }
        let run = try FaultRun()
        let log = run.daemon.path("strace.txt")
        let strace = Strace(call: call, number: 65_535, effect: .kill)
        _ = try run.daemon.exit(of: run.daemon.launch(["--drain"], under: strace.wrapper(log: log)))
        let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
        return try #require(lines.firstIndex { $0.contains(run.daemon.root.string) }) + 1
    }
}
