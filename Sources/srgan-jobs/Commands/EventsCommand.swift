import ArgumentParser
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport

/// `srgan-jobs events`.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what happened to the jobs, oldest first.",
        discussion: """
            Each event has a number. A program that keeps the number of the last event it has seen continues behind it with \
            --after, and misses nothing that is kept ([events] keep_days).
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Only events with a higher number, all of them.", valueName: "event"))
    var after: Int64?

    @Flag(help: "Print new events as they happen, until interrupted; without --after only new ones.")
    var follow = false

    @Option(help: ArgumentHelp("Only events of these kinds, separated by commas.", valueName: "kind,..."))
    var kind: [KindList] = []

    @Option(help: ArgumentHelp("Without --after: show at most this many, the newest; 0 for all.", valueName: "count"))
    var limit: Int = 50

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
        guard after ?? 0 >= 0 else { throw ValidationError("--after must not be negative.") }
    }

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let kinds = kind.isEmpty ? nil : kind.reduce(into: Set()) { $0.formUnion($1.kinds) }
            var cursor = EventCursor(
                directory: session.place.stateFolder, after: try start(session.history(), kinds))
            let models = session.modelNames()
            while true {
                let (events, gap, history) = try cursor.next()
                if let gap, after != nil || follow { Console.error(Self.sentence(gap)) }
                for event in events where kinds?.contains(event.kind) ?? true {
                    try print(event, history, session, models.name)
                }
                if events.isEmpty && gap == nil {
                    guard follow else { return }
                    usleep(500_000)
                }
            }
        }
    }

    /// The event behind which the output starts.
    private func start(_ history: JobHistory, _ kinds: Set<JobEvent.Kind>?) throws -> Int64 {
        if let after { return after }
        let range = try history.eventRange()
        if follow { return range.last }
        let oldest = limit == 0 ? range.first : try history.oldestEvent(ofNewest: limit, kinds: kinds)
        return oldest.map { $0 - 1 } ?? range.last
    }

    private func print(
        _ event: JobEvent, _ history: JobHistory, _ session: Session, _ modelName: (String) -> String?
    ) throws {
        guard format.json else {
            return StandardOutput.print(EventFields(event: event).line(now: Date(), timeZone: .current))
        }
        let job = try history.job(id: event.jobID).map {
            JobFields(job: $0, now: Date(), modelName: modelName($0.input.modelSHA256))
        }
        StandardOutput.print(EventFields(event: event).json(job: job).text)
    }

    private static func sentence(_ gap: EventCursor.Gap) -> String {
        switch gap {
        case .deleted(let ids):
            "Warning: the events \(ids.lowerBound) to \(ids.upperBound) are no longer kept."
        case .restored(let last):
            "Warning: the log ends at event \(last), because the queue was restored from a backup or made anew. Events may be missing."
        }
    }
}

/// The value of `--kind`: kinds of events, separated by commas.
struct KindList: ExpressibleByArgument {
    var kinds: Set<JobEvent.Kind> = []

    init?(argument: String) {
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = JobEvent.Kind(rawValue: String(word)) else { return nil }
            kinds.insert(kind)
        }
    }

    static var allValueStrings: [String] { JobEvent.Kind.allCases.map(\.rawValue) }
}
