import DaemonControl
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport

/// The jobs as `list` shows them at one moment. Formatting them is a pure function.
struct JobListing {
    let jobs: [JobFields]
    /// How many matching jobs are older than those shown.
    let olderCount: Int

    /// - modelName: finds the name of a model by its hash.
    init(
        jobs: [Job], olderCount: Int = 0, daemon: DaemonPresence, now: Date,
        modelName: (String) -> String? = { _ in nil }
    ) {
        self.olderCount = olderCount
        let running = Dictionary(
            (daemon.status?.running ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.jobs = jobs.map {
            JobFields(
                job: $0, running: $0.state == .running ? running[$0.id] : nil, now: now,
                daemonIsAbsent: daemon.isAbsent,
                modelName: modelName($0.input.modelSHA256))
        }
    }

    /// The lines of the table, the newest job last.
    func lines(now: Date, timeZone: TimeZone, width: Int?, colours: Bool) -> [String] {
        guard !jobs.isEmpty else { return ["No jobs."] }
        var table = TextTable(columns: [
            TextTable.Column(title: "ID", alignment: .right), TextTable.Column(title: "STATE"),
            TextTable.Column(title: "FILE", shrinks: true), TextTable.Column(title: "SIZE"),
            TextTable.Column(title: "TIME", alignment: .right), TextTable.Column(title: "MPIXEL/S", alignment: .right),
            TextTable.Column(title: "WHEN"), TextTable.Column(title: "NOTE", shrinks: true),
        ])
        table.rows = jobs.map { fields in
            [
                TextTable.Cell("\(fields.job.id)"), TextTable.Cell(fields.job.state.rawValue, fields.style),
                TextTable.Cell(fields.name), TextTable.Cell(fields.sizes),
                TextTable.Cell(fields.seconds.map(Quantity.duration) ?? ""),
                TextTable.Cell(fields.megapixelsPerSecond.map { Quantity.fixed($0, 3) } ?? ""),
                TextTable.Cell(Quantity.time(fields.when, now: now, timeZone: timeZone), .dim),
                TextTable.Cell(PlainText.clean(fields.note), fields.job.state == .failed ? .red : .plain),
            ]
        }
        return table.lines(width: width, colours: colours) + hiddenLine
    }

    /// One line with the number of older jobs that are not shown; empty if there are none.
    private var hiddenLine: [String] {
        guard olderCount > 0 else { return [] }
        let jobs = olderCount == 1 ? "1 older job is" : "\(olderCount) older jobs are"
        return ["\(jobs) not shown; --limit 0 shows all."]
    }

    /// The jobs for `--json`: `{"version":1,"jobs":[...]}`, with one job per line.
    var json: JSONValue { .object([("version", 1), ("jobs", .lines(jobs.map(\.json)))]) }
}
