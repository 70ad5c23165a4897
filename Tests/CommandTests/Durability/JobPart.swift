import Foundation
import JobQueue
import SystemPackage
import Testing

/// The daemon's thread that strace interferes with, and its task. Together the cases cover every call of one job.
enum JobPart: String, CaseIterable, Sendable {
    /// The main thread, from an empty folder to the end of `--drain`: folders, database, migrations.
    case start
    /// The main thread of a daemon that finds a job in state `publishing`.
    case recovery
    /// The inbox's thread: spooled copy and row.
    case intake
    /// The worker slot's thread: work, publishing, archiving.
    case work

    /// Runs one job, `a.png`, with this thread under strace; returns the daemon's exit code, or nil if it finished the
    /// job and had to be killed.
    func run(_ run: FaultRun, under strace: Strace, log: FilePath) throws -> Int32? {
        let daemon = run.daemon
        switch self {
        case .start, .recovery:
            if self == .recovery { try Self.leavePublishing(run) } else { try Self.drop(in: run) }
            let wrapper = strace.wrapper(log: log)
            return try daemon.exit(of: daemon.launch(["--drain"], environment: run.environment, under: wrapper))
        case .intake, .work:
            try run.start()
            let thread = try daemon.thread(self == .intake ? "inbox-monitor" : "worker-slot-1")
            let tracer = try strace.attach(to: thread, of: daemon, log: log)
            try Self.drop(in: run)
            let process = try #require(daemon.process)
            try daemon.wait("its end, or the job's") { !process.isRunning || run.isSettled() ? true : nil }
            let isDone = process.isRunning
            if isDone { kill(process.processIdentifier, SIGKILL) }
            let status = try daemon.exit(of: process)
            tracer.waitUntilExit()
            // If a daemon ended, or was killed by strace, at its last sync, the job looks finished, and the test may
            // see this before the end of the daemon.
            return try isDone && status == 128 + SIGKILL && !strace.hasKilled(log: log) ? nil : status
        }
    }

    private static func drop(in run: FaultRun) throws { try run.drop(SmallImage.set(1)[0], as: "a.png") }

    /// Kills a daemon between the commit of `publishing` and the rename.
    private static func leavePublishing(_ run: FaultRun) throws {
        let strace = Strace(call: "renameat2", number: 1, effect: .kill)
        _ = try JobPart.work.run(run, under: strace, log: run.daemon.path("first.txt"))
        try #require(run.daemon.jobs().map(\.state) == [.publishing])
    }
}
