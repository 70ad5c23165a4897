import ArgumentParser
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage
import WorkerProtocol

/// `srgan-jobs list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the newest jobs, newest last.",
        discussion: """
            SIZE is the image's size before and after upscaling, TIME the time from the claim to the end, MPIXEL/S the \
            input megapixels per second in that time, WHEN the time at which the job ended, else started, else was created. The last lines name the queue, and say when it \
            will be done if this machine stays as fast as in its last jobs.
            """, aliases: ["ls"])

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Only jobs in these states, separated by commas.", valueName: "state,..."))
    var state: [StateList] = []

    @Option(
        help: ArgumentHelp(
            "Only jobs created since this time: 2h, 3d, today, 2026-11-22, 2026-11-22T14:05Z.", valueName: "time"))
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Only files with this text in their name or subfolder, or whose name matches a pattern: 'IMG_*.jpg'.",
            valueName: "text|pattern"))
    var name: String?

    @Option(help: ArgumentHelp("Only jobs that failed for this reason.", valueName: "reason"))
    var reason: FailureReason?

    @Option(help: ArgumentHelp("Only jobs of this inbox.", valueName: "folder"))
    var inbox: String?

    @Option(help: ArgumentHelp("Show at most this many jobs, the newest; 0 for all.", valueName: "count"))
    var limit: Int = 50

    @Flag(help: "Show the list again whenever it changes, until interrupted.")
    var watch = false

    @Flag(help: "Show the files that stay in the inboxes because they are no images, instead of jobs.")
    var ignored = false

    func validate() throws {
        let selects = !state.isEmpty || [since, name, reason?.rawValue, inbox].contains { $0 != nil }
        if ignored, watch || selects {
            throw ValidationError("--ignored cannot be combined with --watch or with options that select jobs.")
        }
        guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
        if let since, Quantity.parseTime(since, now: Date(), timeZone: .current) == nil {
            throw ValidationError("'\(since)' is not a time; try 2h, 3d, today or 2026-11-22T14:05.")
        }
    }

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            if ignored { return try showIgnored(session) }
            // The filter is made only once. Otherwise `--watch --since 2h` would lose jobs from its list as they become
            // older than two hours.
            let filter = filter
            if watch { return try watch(session, filter) }
            if format.json { return try stream(session, filter) }
            let now = Date()
            let lines = try lines(session, filter, now: now, size: Console.size, limit: limit == 0 ? nil : limit)
            StandardOutput.print(lines.joined(separator: "\n"))
        }
    }

    /// Prints the files of all inboxes that are no images. It reads the inboxes itself, so no daemon is needed.
    private func showIgnored(_ session: Session) throws {
        let configuration = try session.configuration ?? Configuration.load(path: session.place.configuration)
        let files = try configuration.inboxes.flatMap { try IgnoredFile.all(in: $0) }
        let listing = IgnoredListing(files, limit: limit == 0 ? nil : limit)
        guard !format.json else { return StandardOutput.print(listing.json.text) }
        let lines = listing.lines(
            now: Date(), timeZone: .current, width: Console.size?.columns, colours: Console.hasColours)
        StandardOutput.print(lines.joined(separator: "\n"))
    }

    private var filter: JobFilter {
        JobFilter(
            states: state.isEmpty ? nil : state.reduce(into: Set()) { $0.formUnion($1.states) },
            since: since.flatMap { Quantity.parseTime($0, now: Date(), timeZone: .current) }, reason: reason,
            inbox: inbox.map { Arguments.absolute(FilePath($0)).lexicallyNormalized() }, name: name)
    }

    /// The table, and below it the state of the queue.
    ///
    /// - size: of the terminal; nil to shorten nothing.
    private func lines(
        _ session: Session, _ filter: JobFilter, now: Date, size: (columns: Int, rows: Int)?, limit: Int?
    ) throws -> [String] {
        let history = try session.history()
        let jobs = try history.jobs(filter, limit: limit)
        // A watched table has no spare line for the number of older jobs.
        let total = !watch && jobs.count == limit ? try history.count(filter) : jobs.count
        let daemon = session.daemon()
        let listing = JobListing(jobs: jobs, olderCount: max(0, total - jobs.count), daemon: daemon, now: now)
        let queue = try session.outlook(history, daemon: daemon, now: now)
        let footer = [session.place.line, queue.summary(timeZone: .current)]
        return listing.lines(now: now, timeZone: .current, width: size?.columns, colours: Console.hasColours)
            + footer.map { line in size.map { TerminalText.shortened(line, to: $0.columns) } ?? line }
    }

    private func watch(_ session: Session, _ filter: JobFilter) throws {
        var screen = LiveScreen(isTerminal: Console.isTerminal && !format.json)
        let models = session.modelNames()
        let limit = limit == 0 ? nil : limit
        while true {
            let now = Date()
            if format.json {
                let listing = JobListing(
                    jobs: try session.history().jobs(filter, limit: limit), daemon: session.daemon(), now: now,
                    modelName: models.name)
                // Without the outlook, which changes all the time.
                let text = listing.json.text
                if let text = screen.update([text.replacing("\n", with: "")]) { StandardOutput.write(text) }
            } else {
                let size = screen.isTerminal ? Console.size : nil
                // The header, the two lines below the table, and the line of the cursor take space too.
                let most = [limit, size.map { max(1, $0.rows - 4) }].compactMap(\.self).min()
                let lines = try lines(session, filter, now: now, size: size, limit: most)
                if let text = screen.update(lines) { StandardOutput.write(text) }
            }
            usleep(500_000)
        }
    }

    /// Prints the jobs as JSON, and keeps only one of them in memory at a time.
    private func stream(_ session: Session, _ filter: JobFilter) throws {
        let now = Date()
        let (history, daemon, models) = (try session.history(), session.daemon(), session.modelNames())
        let queue = try session.outlook(history, daemon: daemon, now: now)
        var lines = LineStream(
            opening: #"{"version":1,"jobs":["#, closing: #"],"queue":"# + JSONValue.object(queue.json).text + "}"
        ) { StandardOutput.write($0) }
        try history.forEachJob(filter, limit: limit == 0 ? nil : limit) { job in
            let listing = JobListing(jobs: [job], daemon: daemon, now: now, modelName: models.name)
            lines.add(listing.jobs[0].json)
        }
        lines.finish()
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

extension FailureReason: ExpressibleByArgument {}
