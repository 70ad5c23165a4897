import Foundation
import JobQueue
import Logging
import WorkerProtocol

/// Passes on what workers report: progress to the dispatcher, the rest to the log.
struct WorkerObserver: Sendable {
    let dispatcher: Dispatcher
    let sandboxLog: SandboxLog
    let logger: Logger

    /// Notes the process that works on a job.
    func started(_ pid: pid_t, on job: Job, claim: Claim) {
        dispatcher.update(claim) { $0.workerPID = pid }
        logger.debug("Job \(job.id): worker \(pid) started, attempt \(job.attempt).")
    }

    /// Notes a line of the worker that has this claim.
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
