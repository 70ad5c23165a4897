import Foundation
import JobQueue
import Logging

/// Passes on what workers report: progress to the dispatcher, the rest to the log.
struct WorkerProgress: Sendable {
    let dispatcher: Dispatcher
    let cages: WorkerCageLog
    let logger: Logger

    /// Notes the process that works on a job.
    func started(_ pid: pid_t, on job: Job, claim: Claim) {
        dispatcher.update(claim) { $0.workerPID = pid }
        logger.debug("Job \(job.id): worker \(pid) started, attempt \(job.attempt).")
    }

    /// Notes an event of the worker that has this claim.
    func note(_ event: WorkerEvent, of claim: Claim) {
        switch event {
        case .start(_, _, let cage):
            cages.note(cage)
            logger.debug("Job \(claim.id): its worker is held by: \(cage.text).")
        case .input(let width, let height, let tiles, _):
            dispatcher.update(claim) {
                $0.inputWidth = width
                $0.inputHeight = height
                $0.tilesTotal = tiles
                $0.firstTileAt = Date()
            }
        case .progress(let done, let total):
            dispatcher.update(claim) {
                $0.tilesDone = done
                $0.tilesTotal = total
            }
        case .text(let line): logger.debug("Job \(claim.id): the worker says: \(line)")
        default: break
        }
    }
}
