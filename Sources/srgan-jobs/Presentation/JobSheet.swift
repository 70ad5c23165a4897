import Foundation
import JobPresentation
import JobQueue
import LinuxSupport
import ServiceConfiguration

/// One job as `show` prints it. Formatting it is a pure function.
struct JobSheet {
    let fields: JobFields

    /// The job as text, one line per fact. Unknown facts are left out.
    func lines(timeZone: TimeZone, colours: Bool) -> [String] {
        var facts: [(String, TextTable.Cell)] = []
        func add(_ name: String, _ value: String?, _ style: TerminalText.Style = .plain) {
            if let value, !value.isEmpty { facts.append((name, TextTable.Cell(PlainText.clean(value), style))) }
        }
        func time(_ date: Date?) -> String? { date.map { Quantity.fullTime($0, timeZone: timeZone) } }

        let job = fields.job
        add("Job", "\(job.id)", .bold)
        add("State", job.state.rawValue, fields.style)
        add("Progress", job.state == .running ? fields.note : nil)
        add("Reason", job.reason?.rawValue, .red)
        add("Message", job.message)
        add("Attempt", job.attempt > 0 ? "\(job.attempt)" : nil)
        add("Next attempt", time(job.runAfter))
        add("Input", job.input.source.escaped)
        add("Inbox", job.input.inbox.escaped)
        add("Original", job.disposedSource?.escaped)
        add("Output", job.output?.escaped)
        add("Reused", job.reusedJobID.map { "the output of job \($0): same content, model and settings" })
        add("Size", fields.sizes)
        add("Input file", Quantity.bytes(job.input.contentSize))
        add("Output file", job.metrics.flatMap { $0.outputBytes > 0 ? Quantity.bytes($0.outputBytes) : nil })
        add("Created", time(job.createdAt))
        add("Started", time(job.startedAt))
        add("Finished", time(job.finishedAt))
        if let metrics = job.metrics {
            add("Waited", Quantity.duration(metrics.waitSeconds))
            add("Decode", Quantity.duration(metrics.decodeSeconds))
            add("Upscale", Quantity.duration(metrics.upscaleSeconds))
            add("Encode", Quantity.duration(metrics.encodeSeconds))
            add("Publish", Quantity.duration(metrics.publishSeconds))
            add("Total", Quantity.duration(metrics.totalSeconds))
            add("CPU time", Quantity.duration(metrics.cpuSeconds))
            add("Speed", fields.megapixelsPerSecond.map { Quantity.fixed($0, 3) + " Mpixel/s" })
            add("Tiles", "\(metrics.tiles)")
            add("Peak memory", Quantity.bytes(metrics.peakMemoryBytes))
            add("Kernels", metrics.kernels)
            for note in metrics.notes { add("Note", note) }
        }
        add("Model", fields.modelName)
        add("Settings", OutputSettings(canonical: job.input.settings)?.words ?? job.input.settings)
        add("Input SHA-256", job.input.contentSHA256)
        add("Output SHA-256", job.outputSHA256)
        add("Model SHA-256", job.input.modelSHA256)
        return Self.aligned(facts, colours: colours)
    }

    /// Formats facts as lines: the names on the left, and the values aligned in a column.
    static func aligned(_ facts: [(String, TextTable.Cell)], colours: Bool) -> [String] {
        let width = facts.map { TerminalText.width($0.0) }.max() ?? 0
        return facts.map { name, value in
            let padding = String(repeating: " ", count: width - TerminalText.width(name))
            return name + padding + "  " + TerminalText.styled(value.text, value.style, colours: colours)
        }
    }
}
