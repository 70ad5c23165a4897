import ArgumentParser
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport

/// `srgan-jobs wait ID...`.
struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until jobs have ended.",
        discussion: """
            Exit status: 0 all completed, 1 none completed, 2 some did not complete, 69 no daemon runs to finish them, 75 \
            timed out.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @Argument(help: ArgumentHelp("The job ids.", valueName: "id"))
    var ids: [Int64]

    @Option(help: ArgumentHelp("Give up after this time: 90s, 15m, 2h.", valueName: "duration"))
    var timeout: String?

    func validate() throws {
        if let timeout, Quantity.parseDuration(timeout) == nil {
            throw ValidationError("'\(timeout)' is not a duration; try 90s, 15m or 2h.")
        }
    }

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let history = try session.history()
            let deadline = timeout.flatMap(Quantity.parseDuration).map { ContinuousClock.now + .seconds($0) }
            let ids = self.ids.reduce(into: [Int64]()) { if !$0.contains($1) { $0.append($1) } }
            var ended: [Int64: Job] = [:]
            var waiting = ids
            var checksWithoutDaemon = 0
            var round = 0
            while true {
                for id in waiting {
                    guard let job = try history.job(id: id) else {
                        Console.error("There is no job \(id).")
                        throw ExitStatus.failed
                    }
                    guard job.state.isFinal else { continue }
                    ended[id] = job
                    if !format.json { StandardOutput.print(Self.line(job)) }
                }
                waiting.removeAll { ended[$0] != nil }
                if waiting.isEmpty { break }
                if let deadline, ContinuousClock.now >= deadline {
                    if format.json { try Self.printJSON(ids, history, session.daemon()) }
                    Console.error("Timed out; not ended: \(waiting.map(String.init).joined(separator: ", ")).")
                    throw ExitStatus.tryAgain
                }
                // Checks once a second whether a daemon runs, and stops waiting only after three failed checks in a
                // row, because no daemon runs for a moment while one restarts.
                if round % 5 == 0 {
                    checksWithoutDaemon = session.daemon().isAbsent ? checksWithoutDaemon + 1 : 0
                    guard checksWithoutDaemon < 3 else {
                        if format.json { try Self.printJSON(ids, history, .absent) }
                        Console.error("No daemon runs; not ended: \(waiting.map(String.init).joined(separator: ", ")).")
                        throw ExitStatus.unavailable
                    }
                }
                round += 1
                usleep(200_000)
            }
            if format.json { try Self.printJSON(ids, history, .silent) }
            try ExitStatus.check(failures: ended.values.count { $0.state != .completed }, of: ids.count)
        }
    }

    /// Prints the jobs as they are now, also those that have not ended.
    private static func printJSON(_ ids: [Int64], _ history: JobHistory, _ daemon: DaemonPresence) throws {
        let jobs = try ids.compactMap { try history.job(id: $0) }
        StandardOutput.print(JobListing(jobs: jobs, daemon: daemon, now: Date()).json.text)
    }

    /// The line for an ended job: `7 completed /outbox/a.png`, `8 failed truncated: The file ends early.`
    static func line(_ job: Job) -> String {
        let rest =
            switch job.state {
            case .completed: job.output.map { " \($0.escaped)" } ?? ""
            case .failed: " \(job.reason?.rawValue ?? ""): \(PlainText.clean(job.message ?? ""))"
            default: ""
            }
        return "\(job.id) \(job.state.rawValue)\(rest)"
    }
}
