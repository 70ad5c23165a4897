import Foundation
import LinuxSupport
import QueueControl
import ServiceConfiguration
import WorkerProtocol

/// Passes a file that was found to `Intake`, and acts on the outcome.
extension InboxMonitor {
    /// When there is no room for a file's private copy, this is logged once. It is logged again only after this many
    /// seconds without another such file.
    private static let quietSeconds = 600.0
    /// Seconds until a file that could not be taken is examined again.
    private static let postponeSeconds = 10.0

    /// Takes a file if it is complete and was not dealt with before.
    mutating func take(
        _ entry: InboxScanner.Entry, _ arrival: InboxHints.Arrival, scanner: InboxScanner,
        inbox: ServiceSettings.Inbox
    ) {
        if done[entry.path] == entry.stamp { return }
        if entry.isRegular, !isReady(entry, arrival, scanner: scanner, inbox: inbox.configuration) { return }
        let settle = inbox.configuration.settleSeconds
        do {
            let outcome = try intake.take(
                entry, scanner: scanner, inbox: inbox, configuration: settings.current.configuration, now: Date())
            note(outcome, of: entry, settle: settle)
        } catch {
            switch StoreTrouble(error) {
            case .fatal: stop.giveUp(error)
            case .passing, .lostClaim, .mistake: note(.postponed("\(error)"), of: entry, settle: settle)
            }
        }
    }

    /// Records that a file needs no more work unless it changes.
    mutating func finish(_ entry: InboxScanner.Entry) {
        done[entry.path] = entry.stamp
        tracker.forget(entry.path)
        ignored.remove(entry.path)
    }

    private mutating func note(_ outcome: Intake.Outcome, of entry: InboxScanner.Entry, settle: Double) {
        let name = entry.path.escaped
        switch outcome {
        case .created(let job):
            finish(entry)
            logger.info("Job \(job.id): \(name) was queued.")
            dispatcher.wake()
        case .alreadyQueued(let job):
            finish(entry)
            logger.info("Job \(job.id): \(name) has the same bytes as this job's file and is not queued again.")
        case .alreadyTaken:
            finish(entry)
        case .owed(let job):
            // The original of an earlier job must be moved first. This usually takes only moments, so the log reports
            // the wait only if an earlier try to move that original failed.
            hasUnfinishedJobs = true
            let why = "job \(job.id) has the same bytes, and its original cannot be moved."
            note(disposer.isTroubled(job.id) ? .postponed(why) : .unstable, of: entry, settle: settle)
        case .rejected(let job):
            finish(entry)
            logger.warning("Job \(job.id): \(name) failed, \(job.reason?.rawValue ?? ""): \(job.message ?? "")")
            dispatcher.countFailure()
            hasUnfinishedJobs = true
        case .unstable:
            tracker.postpone(entry.path, stamp: entry.stamp, until: Monotonic.now + max(settle, 0.5))
        case .gone:
            tracker.forget(entry.path)
        case .noRoom:
            logMissingRoom(for: name)
            dispatcher.noteRefusedCopy()
            tracker.postpone(entry.path, stamp: entry.stamp, until: Monotonic.now + Self.postponeSeconds)
        case .postponed(let why):
            logger.warning("\(name) cannot be taken yet: \(why)")
            if scansOnce {
                status.gaveUpFile()
                tracker.forget(entry.path)
            } else {
                tracker.postpone(entry.path, stamp: entry.stamp, until: Monotonic.now + Self.postponeSeconds)
            }
        }
    }

    private mutating func logMissingRoom(for name: String) {
        let room = 2 * settings.current.configuration.limits.minFreeSpace / 1_000_000
        if Monotonic.now - lastWithoutRoom > Self.quietSeconds {
            logger.error(
                "\(name) waits: its private copy would leave less than \(room) MB free in the state folder (twice limits.min_free_space_mb)."
            )
        }
        lastWithoutRoom = Monotonic.now
    }
}
