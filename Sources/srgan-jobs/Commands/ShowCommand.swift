import ArgumentParser
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport

/// `srgan-jobs show ID`.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show everything about one job: model, settings, times per stage, tiles, memory, attempts, hashes, reason.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @Argument(help: ArgumentHelp("The job id.", valueName: "id"))
    var id: Int64

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            guard let job = try session.history().job(id: id) else {
                Console.error("There is no job \(id).")
                throw ExitStatus.failed
            }
            let now = Date()
            let daemon = session.daemon()
            let running = job.state == .running ? daemon.status?.running.first { $0.id == id } : nil
            let fields = JobFields(
                job: job, running: running, now: now, daemonIsAbsent: daemon.isAbsent,
                modelName: session.modelNames().name(sha256: job.input.modelSHA256))
            if format.json {
                StandardOutput.print(JSONValue.object([("version", 1), ("job", fields.json)]).text)
            } else {
                StandardOutput.print(
                    JobSheet(fields: fields).lines(timeZone: .current, colours: Console.hasColours)
                        .joined(separator: "\n"))
            }
        }
    }
}
