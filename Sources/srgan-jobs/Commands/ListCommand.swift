import ArgumentParser
import Foundation
import JobQueue
import LinuxSupport

/// `srgan-jobs list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the newest jobs, newest last.",
        discussion: """
            SIZE is the image's size before and after upscaling, TIME the time from the claim to the end, MPIXEL/S the \
            input megapixels per second in that time, WHEN the time at which the job ended, else started, else was created.
            """, aliases: ["ls"])

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Only jobs in these states, separated by commas.", valueName: "state,..."))
    var state: [StateList] = []

    @Option(
        help: ArgumentHelp(
            "Only jobs created since this time: 2h, 3d, today, 2026-11-22, 2026-11-22T14:05Z.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Show at most this many jobs, the newest; 0 for all.", valueName: "count"))
    var limit: Int = 50

    @Flag(help: "Show the list again whenever it changes, until interrupted.")
    var watch = false

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
        if let since, Quantity.parseTime(since, now: Date(), timeZone: .current) == nil {
            throw ValidationError("'\(since)' is not a time; try 2h, 3d, today or 2026-11-22T14:05.")
        }
    }

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let states = state.isEmpty ? nil : state.reduce(into: Set<JobState>()) { $0.formUnion($1.states) }
            // `--since` is parsed only once. Otherwise `--watch --since 2h` would lose jobs from its list as they
            // become older than two hours.
            let start = since.flatMap { Quantity.parseTime($0, now: Date(), timeZone: .current) }
            func listing(_ now: Date, rows: Int?) throws -> JobListing {
                let most = [limit == 0 ? nil : limit, rows].compactMap(\.self).min()
                let history = try session.history()
                let jobs = try history?.jobs(states: states, since: start, limit: most) ?? []
                // The number of older jobs is counted only where it is printed: below a table that is not watched. A
                // watched table has no spare line, and the JSON has no field for it.
                let isCut = !watch && !format.json && jobs.count == most
                let total = isCut ? try history?.count(states: states, since: start) : nil
                return JobListing(
                    jobs: jobs, olderCount: max(0, (total ?? 0) - jobs.count), daemon: session.daemon(), now: now)
            }
            guard watch else {
                let now = Date()
                if format.json && limit == 0 {
                    return try Self.stream(session, states: states, since: start, now: now)
                }
                let listing = try listing(now, rows: nil)
                if format.json {
                    StandardOutput.print(listing.json.text)
                } else {
                    let lines = listing.lines(
                        now: now, timeZone: .current, width: Console.size?.columns, colours: Console.hasColours)
                    StandardOutput.print(lines.joined(separator: "\n"))
                }
                return
            }
            var screen = LiveScreen(isTerminal: Console.isTerminal && !format.json)
            while true {
                let now = Date()
                let size = screen.isTerminal ? Console.size : nil
                let listing = try listing(now, rows: size.map { max(1, $0.rows - 2) })
                let lines =
                    format.json
                    ? [listing.json.text.replacing("\n", with: "")]
                    : listing.lines(now: now, timeZone: .current, width: size?.columns, colours: Console.hasColours)
                if let text = screen.update(lines) { StandardOutput.write(text) }
                usleep(500_000)
            }
        }
    }
}

extension ListCommand {
    /// Prints the whole history as JSON, but keeps only one job in memory at a time.
    private static func stream(_ session: Session, states: Set<JobState>?, since: Date?, now: Date) throws {
        let daemon = session.daemon()
        var lines = LineStream(opening: #"{"version":1,"jobs":["#, closing: "]}") { StandardOutput.write($0) }
        try session.history()?.forEachJob(states: states, since: since) { job in
            lines.add(JobListing(jobs: [job], daemon: daemon, now: now).jobs[0].json.text)
        }
        lines.finish()
    }
}

/// Writes a JSON list element by element, in the format of `JSONValue.lines`: one element per line.
struct LineStream {
    private let closing: String
    private let write: (String) -> Void
    private var buffer: String
    private var isEmpty = true

    init(opening: String, closing: String, write: @escaping (String) -> Void) {
        buffer = opening
        self.closing = closing
        self.write = write
    }

    mutating func add(_ element: String) {
        buffer += (isEmpty ? "\n" : ",\n") + element
        isEmpty = false
        if buffer.utf8.count > 60_000 {
            write(buffer)
            buffer = ""
        }
    }

    mutating func finish() {
        write(buffer + (isEmpty ? "" : "\n") + closing + "\n")
        buffer = ""
    }
}

/// The value of `--state`: states, separated by commas, such as `failed,cancelled`.
struct StateList: ExpressibleByArgument {
    var states: Set<JobState> = []

    init?(argument: String) {
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let state = JobState(rawValue: String(word)) else { return nil }
            states.insert(state)
        }
    }

    static var allValueStrings: [String] { JobState.allCases.map(\.rawValue) }
}
