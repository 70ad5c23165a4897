import ArgumentParser
import DaemonControl
import Foundation
import JobQueue

/// `srgan-jobs cancel ID...`.
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel waiting or running jobs; a running worker is killed.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var jobs: JobArguments

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            try JobChanges.run(jobs.ids, done: "cancelled", json: format.json) { ids in
                try session.change(.cancel(ids: ids))
            }
        }
    }
}
