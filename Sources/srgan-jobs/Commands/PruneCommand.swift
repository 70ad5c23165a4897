import ArgumentParser
import DaemonControl
import Foundation
import JobPresentation
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
            let session = try common.session()
            let reply = try session.change(.prune(finishedBefore: date), timeout: .seconds(600))
            guard case .pruned(let count) = reply else {
                throw ControlError(.malformed, "The daemon's reply does not match the request.")
            }
            let (kept, earliest) = try session.history().ended(before: date)
            let why = Self.reason(pruned: count, kept: kept, earliest: earliest, timeZone: .current)
            if format.json {
                StandardOutput.print(
                    JSONValue.object([
                        ("version", 1), ("pruned", JSONValue(count)), ("kept", JSONValue(kept)),
                        ("message", JSONValue(why)),
                    ]).text)
            } else {
                StandardOutput.print("\(count) job\(count == 1 ? "" : "s") deleted" + (why.map { ": \($0)" } ?? ""))
            }
        }
    }

    /// Why jobs remain that ended before the given time, or why there were none; nil if nothing needs a reason.
    ///
    /// - kept: the number of remaining jobs that ended before the time.
    /// - earliest: when the first of all remaining jobs ended.
    static func reason(pruned: Int, kept: Int, earliest: Date?, timeZone: TimeZone) -> String? {
        if kept > 0 {
            return "\(kept) older job\(kept == 1 ? " stays, because its original" : "s stay, because their originals") "
                + "still exist\(kept == 1 ? "s" : "") and could be taken again or retried"
        }
        guard pruned == 0 else { return nil }
        guard let earliest else { return "no job has ended yet" }
        return "the first job ended at \(Quantity.fullTime(earliest, timeZone: timeZone))"
    }
}
