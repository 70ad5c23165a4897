import ArgumentParser
import DaemonControl
import Foundation
import JobQueue

/// `srgan-jobs retry JOB...`.
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Queue failed or cancelled jobs again, with all attempts available.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var jobs: JobSelection

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let selected = try jobs.select(session.history, changeable: [.failed, .cancelled], verb: "retry")
            try JobChanges.run(selected, done: "queued again", json: format.json) { ids in
                // The daemon copies and hashes each file again before it replies.
                try session.change(.retry(ids: ids), timeout: .seconds(600))
            }
        }
    }
}
