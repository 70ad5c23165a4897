import Foundation
import JobQueue
import Logging
import WorkerProtocol

/// Passes on the reports of workers: progress to the dispatcher, the rest to the log.
struct WorkerObserver: Sendable {
    let dispatcher: Dispatcher
    let sandboxLog: SandboxLog
    let logger: Logger

    /// Notes that this process was started for a job.
    func started(_ pid: pid_t, on job: Job, claim: Claim) {
        dispatcher.update(claim) { $0.workerPID = pid }
        logger.debug("Job \(job.id): worker \(pid) started, attempt \(job.attempt).")
    }

    /// Passes on one line of the worker that runs the job with this claim.
    func note(_ line: WorkerLine, of claim: Claim) {
        switch line {
        case .event(.start(let start)):
            let sandbox = SandboxSummary(start.sandbox)
            sandboxLog.note(sandbox)
            logger.debug("Job \(claim.id): worker sandbox: \(sandbox.text).")
        case .event(.input(let input)):
            dispatcher.update(claim) {
                $0.inputWidth = input.width
                $0.inputHeight = input.height
                $0.tilesTotal = input.tiles
                $0.firstTileAt = Date()
            }
        case .event(.progress(let progress)):
            dispatcher.update(claim) {
                $0.tilesDone = progress.tilesDone
                $0.tilesTotal = progress.tilesTotal
            }
        case .text(let text): logger.debug("Job \(claim.id): the worker wrote: \(text)")
        default: break
        }
    }
}
