import ArgumentParser
import DaemonControl
import Foundation
import JobQueue

/// `srgan-jobs cancel ID...`.
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take jobs back that wait or run; a running worker is killed.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var jobs: JobArguments

    func run() throws {
        try ExitStatus.reporting {
            let session = try common.session()
            try JobChanges.run(jobs.ids, done: "cancelled", json: format.json) { ids in
                try session.change(.cancel(ids: ids)) { store in
                    // The originals stay where they are until the next daemon looks after them.
                    .jobs(
                        try ids.map { id in
                            try store.cancel(id: id, now: Date()) != nil
                                ? JobOutcome(id: id, changed: true)
                                : try JobChanges.refusal(
                                    id, store, to: "cancel", possible: "only a job that waits or runs can be cancelled")
                        })
                }
            }
        }
    }
}
