import ArgumentParser
import DaemonControl
import Foundation
import JobQueue

/// `srgan-jobs cancel JOB...`.
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel waiting or running jobs; a running worker is killed.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var jobs: JobSelection

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            let selected = try jobs.select(
                session.history, changeable: [.available, .running, .retryable], verb: "cancel")
            try JobChanges.run(selected, done: "cancelled", json: format.json) { ids in
                try session.change(.cancel(ids: ids))
            }
        }
    }
}
