import FaultInjection
import Foundation
import Fuzzing
import JobQueue
import SystemPackage
import Testing

/// Promises 1 and 3 without power: records every file-system call of a job, and rebuilds the disk as a power cut after
/// any of them may leave it.
@Suite(.serialized) struct PowerLossTests {
    /// A recorded run of a daemon, from an empty state folder to the archived original.
    private struct Recording {
        let run: FaultRun
        let before: DiskModel
        let events: [DiskEvent]

        init(fault: Fault? = nil) throws {
            run = try FaultRun(fault: fault)
            // A daemon that makes nothing durable loses its whole first start and begins again, which does no harm.
            if fault != nil { try #require(try run.daemon.run("--drain") == 0) }
            try run.occupy("a.png")
            for (number, image) in try SmallImage.set(2).enumerated() {
                try run.drop(image, as: ["a.png", "b.png"][number])
            }
            before = try DiskModel(copyOf: run.daemon.root)
            let log = FilePath(FileManager.default.temporaryDirectory.path).appending("strace-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(atPath: log.string) }
            let process = try run.daemon.launch(
                ["--drain"], environment: run.environment, under: SystemCallLog.wrapper(log: log))
            try #require(try run.daemon.exit(of: process) == 0, "\(run.daemon.log)")
            events = try SystemCallLog(file: log, root: run.daemon.root).events
        }

        /// Cuts the power after this many events; returns the violations after the next start.
        func violations(after count: Int, losing loss: DiskModel.Loss) throws -> [String] {
            var disk = before
            for event in events.prefix(count) { disk.apply(event) }
            try disk.restore(to: run.daemon.root, losing: loss)
            let found = try run.invariants.violationsAfterFault()
            let status = try run.daemon.run("--drain")
            return try found + (status == 0 ? [] : ["srgand ended with \(status)\n\(run.daemon.log)"])
                + run.invariants.violationsAfterRecovery()
        }

        /// The numbers of events after which the durable state has changed.
        func steps() -> [Int] {
            var disk = before
            return [0] + events.indices.filter { disk.apply(events[$0]) }.map { $0 + 1 }
        }
    }

    @Test func everyInvariantHoldsAfterAPowerCut() throws {
        let recording = try Recording()
        // Nothing was durable before the daemon said so, and the model knows everything that the daemon did.
        try #require(try recording.violations(after: recording.events.count, losing: .everything) == [])
        var cuts = 1
        let steps = recording.steps()
        let some = Torture.isFull ? steps : steps.indices.filter { $0 % (steps.count / 8) == 0 }.map { steps[$0] }
        for step in some {
            let violations = try recording.violations(after: step, losing: .everything)
            #expect(violations == [], "power cut after call \(step): \(recording.events[..<step].suffix(3))")
            cuts += 1
        }
        let parts = Torture.count(4, full: 1000)
        var random = SplitMix64(seed: 1)
        for part in 0..<parts {
            let step = Int.random(in: 0...recording.events.count, using: &random)
            let loss = DiskModel.Loss.some(SplitMix64(seed: UInt64(part)))
            let violations = try recording.violations(after: step, losing: loss)
            #expect(violations == [], "part \(part) kept after call \(step)")
            cuts += 1
        }
        Torture.report(
            "1, power",
            "\(cuts) power cuts in the \(recording.events.count) calls of two jobs: I1 to I7 hold after each")
    }

    @Test(arguments: [Fault.skipSync, .relaxedCommits])
    func aBrokenDaemonIsDetected(_ fault: Fault) throws {
        let recording = try Recording(fault: fault)
        #expect(try recording.violations(after: recording.events.count, losing: .everything) != [])
    }
}
