import FaultInjection
import Foundation
import JobQueue
import SystemPackage
import Testing

/// A daemon that suffers a fault, and the images that must survive it.
final class FaultRun {
    let daemon: DaemonHarness
    private(set) var invariants: Invariants
    /// The promises that this daemon breaks.
    let plan: FaultPlan

    /// - sections: further tables of the configuration.
    /// - fault: a `Fault`, for a run that must end in a violation.
    init(
        inbox: String = "settle_seconds = 0", sections: String = "", worker: String? = nil, maxAttempts: Int = 100,
        fault: Fault? = nil
    ) throws {
        daemon = try DaemonHarness(inbox: inbox, sections: sections, worker: worker)
        try daemon.change("[retry]", to: "[retry]\nmax_attempts = \(maxAttempts)")
        invariants = Invariants(daemon: daemon)
        plan = FaultPlan(fault.map { [$0] } ?? [])
    }

    var environment: [String: String] { plan.environment }

    /// Renames an image into the inbox; the daemon treats it as a finished file.
    func drop(_ image: SmallImage, as name: String) throws {
        invariants.inputs[name] = image
        try daemon.write(image.content, to: "outside/\(name)")
        try daemon.move("outside/\(name)", to: "inbox/\(name)")
    }

    /// Puts a foreign file at the path of a future output.
    func occupy(_ name: String) throws {
        invariants.foreign[name] = Data("foreign".utf8)
        try daemon.write(Data("foreign".utf8), to: "outbox/\(name)")
    }

    func start() throws { try daemon.start(environment: environment) }

    /// True if everything that was dropped has ended.
    func isSettled() -> Bool {
        // Cheap checks come first, since this is called very often.
        if invariants.inputs.keys.contains(where: { daemon.exists("inbox/\($0)") }) { return false }
        if daemon.endedJobs() < invariants.inputs.count { return false }
        let jobs = invariants.jobsByName()
        return invariants.inputs.keys.allSatisfy { name in
            jobs[name]?.allSatisfy { $0.state.isFinal && !$0.needsDisposal } ?? false
        }
    }

    /// Waits until everything that was dropped has ended.
    func settle() throws { try daemon.waitForEnds { isSettled() } }

    /// Starts a daemon, lets it finish everything and stops it; returns the violations found afterwards.
    func recover() throws -> [String] {
        try start()
        try settle()
        let status = try daemon.stop()
        return try (status == 0 ? [] : ["srgand ended with \(status)"]) + invariants.violationsAfterRecovery()
    }
}

extension DaemonHarness {
    /// Changes a part of the configuration.
    func change(_ part: String, to replacement: String) throws {
        let text = try String(contentsOfFile: configurationPath.string, encoding: .utf8)
        try configure(text.replacingOccurrences(of: part, with: replacement))
    }

    /// The daemon's thread with this name.
    func thread(_ name: String) throws -> Int32 {
        let pid = try #require(process).processIdentifier
        return try wait("the thread \(name)") {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").first {
                (try? String(contentsOfFile: "/proc/\(pid)/task/\($0)/comm", encoding: .utf8)) == name + "\n"
            }.flatMap(Int32.init)
        }
    }
}
