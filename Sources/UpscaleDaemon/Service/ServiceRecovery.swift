import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

/// Finishes and tidies what a dead daemon left, before anything new begins. Originals that were not moved yet are left to
/// the inboxes' monitor: a copy to another disk may take longer than a start has time for.
struct ServiceRecovery {
    let store: any JobStore
    let settings: ServiceSettings
    let spool: Spool
    let publisher: Publisher
    let logger: Logger

    func run() throws {
        let recovery = try store.recover(now: Date())
        for job in recovery.requeued {
            logger.notice("Job \(job.id) was in work when the service ended; it is \(job.state.rawValue) now.")
        }
        for job in recovery.publishing { try recoverOrLeave(job) }
        let orphans = spool.removeOrphans(inUse: try store.spoolPathsInUse())
        var temporaries = 0
        // An inbox that is no longer configured may have had work, too.
        let left = Set(recovery.requeued.map(\.input.outputFolder)).union(folders)
        for folder in left where !FaultPlan.injects(.keepTemporaries) {
            temporaries += TemporaryOutput.removeAll(below: folder, keep: [])
        }
        if orphans + temporaries > 0 {
            logger.notice("Removed \(temporaries) unfinished outputs and \(orphans) private copies that nobody needs.")
        }
    }

    /// One job whose outbox is read-only or does not answer, or that the database will not have, must not keep all others from being
    /// done; a failed fsync must. The inboxes' monitor tries again.
    private func recoverOrLeave(_ job: Job) throws {
        do {
            try publisher.recover(job)
        } catch let error as FileError where error.code != .notDurable {
            logger.error("Job \(job.id): its output cannot be published yet, which is tried again: \(error)")
        } catch let error as JobStoreError where error.code == .contradiction {
            logger.error("Job \(job.id): its output cannot be published yet, which is tried again: \(error)")
        }
    }

    private var folders: Set<FilePath> {
        Set(settings.inboxes.flatMap { [$0.configuration.outbox, $0.configuration.archive, $0.configuration.failed] })
    }
}
