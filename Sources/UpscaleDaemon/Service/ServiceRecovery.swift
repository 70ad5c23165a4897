import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Finishes the jobs that a killed or crashed daemon left unfinished, or puts them back into the queue. Removes the
/// temporary files and private copies that the dead daemon left. All this happens before any new work begins. The inbox
/// monitor later moves originals that were not moved yet: a copy to another disk may take longer than a start may take.
struct ServiceRecovery {
    let store: any JobStore
    let settings: ServiceSettings
    let spool: Spool
    let publishing: PublishingRecovery
    let logger: Logger

    /// Recovers the queue's rows, the outputs and the private copies.
    ///
    /// - Throws: `FileError` after a failed fsync, `JobStoreError`.
    func run() throws {
        let recovery = try store.recover(now: Date())
        for job in recovery.requeued {
            logger.notice("Job \(job.id) was running when the service ended; it is \(job.state.rawValue) now.")
        }
        try publishing.finish(recovery.publishing)
        let orphans = spool.removeOrphans(inUse: try store.spoolPathsInUse())
        var temporaries = 0
        // Jobs of an inbox that is no longer configured may have left temporary outputs, too.
        let left = Set(recovery.requeued.map(\.input.outputFolder)).union(configuredFolders)
        for folder in left where !FaultPlan.injects(.keepTemporaries) {
            guard let open = try? settings.folders.openIfPresent(folder) else { continue }
            temporaries += TemporaryOutput.removeAll(below: open)
        }
        if orphans + temporaries > 0 {
            logger.notice("Removed \(temporaries) unfinished outputs and \(orphans) private copies that no job needs.")
        }
    }

    /// Every configured folder in which the service creates temporary files.
    private var configuredFolders: Set<FilePath> {
        Set(settings.inboxes.flatMap { [$0.configuration.outbox, $0.configuration.archive, $0.configuration.failed] })
    }
}
