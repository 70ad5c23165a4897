import ArgumentParser
import Foundation
import JobQueue
import LinuxSupport
import WorkerProtocol

/// The jobs that `cancel` and `retry` change: ids, ranges of ids and names, or all jobs with a state or a reason.
struct JobSelection: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Job ids (7), ranges of ids (12-20), names of files or parts of them, patterns ('IMG_*.jpg').",
            valueName: "job"))
    var items: [String] = []

    @Flag(help: "All jobs that the command can change.")
    var all = false

    @Option(help: ArgumentHelp("All jobs in these states, separated by commas.", valueName: "state,..."))
    var state: [StateList] = []

    @Option(help: ArgumentHelp("All jobs that failed for this reason.", valueName: "reason"))
    var reason: FailureReason?

    @Flag(name: .shortAndLong, help: "Do not ask before --all on a terminal.")
    var yes = false

    func validate() throws {
        let hasFilter = all || !state.isEmpty || reason != nil
        guard hasFilter || !items.isEmpty else {
            throw ValidationError("Name at least one job: an id, a range, a name, or --all, --state or --reason.")
        }
        guard !hasFilter || items.isEmpty else {
            throw ValidationError("--all, --state and --reason select jobs themselves; leave out the jobs' names.")
        }
    }

    /// The selected jobs.
    struct Selected {
        /// Their ids, in the order of the arguments.
        var ids: [Int64] = []
        /// How many names and ranges selected no job. Each is reported already.
        var misses = 0
    }

    /// Selects the jobs. A name or a range that selects no job is reported, and the others count nevertheless.
    ///
    /// - history: opens the queue for reading; not called if only ids are given.
    /// - changeable: the states in which the command can change a job. Names select only jobs in these states.
    /// - verb: what the command does, for messages.
    /// - Throws: the exit code if a person answers no.
    func select(
        _ history: () throws -> JobHistory, changeable: Set<JobState>, verb: String
    ) throws -> Selected {
        guard items.isEmpty else {
            var known: Set<Int64> = []
            return try items.reduce(into: Selected()) { result, item in
                let ids = try Self.ids(item, history, changeable)
                if ids.isEmpty {
                    Console.error("'\(item)' names no job to \(verb).")
                    result.misses += 1
                }
                result.ids += ids.filter { known.insert($0).inserted }
            }
        }
        let states = state.isEmpty ? changeable : state.reduce(into: []) { $0.formUnion($1.states) }
        let ids = try history().jobs(JobFilter(states: states, reason: reason)).map(\.id)
        if all, !yes, !ids.isEmpty, isatty(STDIN_FILENO) == 1, StandardError.isTerminal {
            StandardError.write("\(verb.capitalized) \(ids.count) job\(ids.count == 1 ? "" : "s")? [y/N] ")
            guard ["y", "yes"].contains(readLine()?.lowercased()) else {
                Console.error("Nothing was changed.")
                throw ExitStatus.failed
            }
        }
        return Selected(ids: ids)
    }

    private static func ids(
        _ item: String, _ history: () throws -> JobHistory, _ changeable: Set<JobState>
    ) throws -> [Int64] {
        if let id = Int64(item) { return [id] }
        if let match = item.wholeMatch(of: /(\d+)-(\d+)/), let first = Int64(match.1), let last = Int64(match.2) {
            guard first <= last else { return [] }
            return try history().jobs(JobFilter(ids: first...last)).map(\.id)
        }
        return try history().jobs(JobFilter(states: changeable, name: item)).map(\.id)
    }
}
