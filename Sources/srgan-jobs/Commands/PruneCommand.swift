import ArgumentParser
import DaemonControl
import Foundation
import JobQueue
import LinuxSupport

/// `srgan-jobs prune`.
struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Delete old jobs from the history; images stay where they are.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions

    @Option(help: ArgumentHelp("Delete jobs that ended before this time: 30d, 12w, 2026-11-22.", valueName: "time"))
    var olderThan: String

    func validate() throws {
        if Quantity.parseTime(olderThan, now: Date(), timeZone: .current) == nil {
            throw ValidationError("'\(olderThan)' is not a time; try 30d, 12w or 2026-11-22.")
        }
    }

    func run() throws {
        try ExitStatus.reporting {
            guard let date = Quantity.parseTime(olderThan, now: Date(), timeZone: .current) else {
                throw ExitStatus.failed
            }
            // The time-out is long, because a prune may delete a million rows.
            let reply = try common.session().change(.prune(finishedBefore: date), timeout: .seconds(600))
            guard case .pruned(let count) = reply else {
                throw ControlError(.malformed, "The daemon's reply does not match the request.")
            }
            StandardOutput.print(
                format.json
                    ? JSONValue.object([("version", 1), ("pruned", JSONValue(count))]).text
                    : "\(count) job\(count == 1 ? "" : "s") deleted")
        }
    }
}
