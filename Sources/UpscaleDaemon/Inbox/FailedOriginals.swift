import Foundation
import JobQueue
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Finds originals in the failed folder that changed after their jobs failed, and moves them back to their inboxes, where
/// they become new jobs. So a program that paused while it wrote an image loses nothing, and a person can repair a file
/// where it lies.
///
/// The inbox monitor's thread uses it after each scan of the inboxes.
struct FailedOriginals: Sendable {
    /// Failed jobs of this age are no longer checked, seconds.
    private static let oldest = 86_400.0
    /// The most failed jobs that are checked, the newest ones.
    private static let most = 1000
    /// Seconds until a file that cannot be moved back yet is examined again.
    private static let pause = 10.0

    /// A failed job whose original is in the failed folder.
    private struct Candidate {
        let job: Job
        let place: FilePath
        let inbox: InboxConfiguration
    }

    let store: any JobStore
    let settings: LiveSettings
    let disposer: Disposer
    let logger: Logger

    private var tracker = FileStabilityTracker()
    private var openFiles = OpenFiles()

    init(store: any JobStore, settings: LiveSettings, disposer: Disposer, logger: Logger) {
        self.store = store
        self.settings = settings
        self.disposer = disposer
        self.logger = logger
    }

    /// How many changed files have not settled.
    var count: Int { tracker.count }

    /// The time at which a changed file must be examined again; nil if there is none.
    var nextDue: Double? { tracker.nextDue }

    /// Moves the originals that changed and are complete back to their inboxes; returns their new paths.
    ///
    /// - onProgress: called for each file, and repeatedly while a file is copied to another file system.
    mutating func returnChanged(onProgress: () -> Void) -> [FilePath] {
        let candidates = candidates()
        tracker.keepOnly(Set(candidates.map(\.place)))
        return candidates.compactMap { candidate in
            onProgress()
            guard let (stamp, isRegular) = FileStamp.of(candidate.place), isRegular, stamp.size > 0,
                stamp.hasOtherContent(than: candidate.job.input.sourceStamp)
            else {
                tracker.forget(candidate.place)
                return nil
            }
            guard isComplete(candidate, stamp) else { return nil }
            if let path = moveBack(candidate, onProgress: onProgress) {
                tracker.forget(candidate.place)
                return path
            }
            tracker.postpone(candidate.place, stamp: stamp, until: Monotonic.now + Self.pause)
            return nil
        }
    }

    /// The newest failed job of each file in a failed folder.
    private func candidates() -> [Candidate] {
        let since = Date(timeIntervalSinceNow: -Self.oldest)
        let jobs = (try? store.jobs(states: [.failed], since: since, limit: Self.most)) ?? []
        var newest: [FilePath: Candidate] = [:]
        for job in jobs where !job.needsDisposal {
            guard let place = job.disposedSource, let inbox = settings.current.inbox(job.input.inbox)?.configuration,
                place.starts(with: inbox.failed)
            else { continue }
            newest[place] = Candidate(job: job, place: place, inbox: inbox)
        }
        return Array(newest.values)
    }

    private mutating func isComplete(_ candidate: Candidate, _ stamp: FileStamp) -> Bool {
        let (place, now) = (candidate.place, Monotonic.now)
        let verdict = tracker.observe(
            place, stamp: stamp, arrival: .seen, settle: candidate.inbox.settleSeconds, now: now)
        guard verdict == .settled else { return false }
        guard let descriptor = try? settings.current.folders.openFile(place) else { return true }
        defer { try? descriptor.close() }
        var due = now
        switch RegularFile.hasWriter(descriptor) {
        case false?: break
        case nil where !openFiles.hasWriter(descriptor, now: now):
            due = (tracker.observation(of: place)?.since ?? now) + candidate.inbox.unfinishedSettleSeconds
        default: due = now + Self.pause
        }
        if due > now { tracker.postpone(place, stamp: stamp, until: due) }
        return due <= now
    }

    /// Moves a file to where its job took it from; returns nil if that path is taken or the file cannot be moved.
    private func moveBack(_ candidate: Candidate, onProgress: () -> Void) -> FilePath? {
        let (id, place, inbox) = (candidate.job.id, candidate.place, candidate.inbox)
        var relative = place
        guard relative.removePrefix(inbox.failed), FileStamp.of(inbox.path.pushing(relative)) == nil else {
            return nil
        }
        return disposer.withOriginal(of: id, patience: 0) {
            do {
                let path = try disposer.returnOriginal(
                    of: candidate.job, at: place, to: inbox.path.pushing(relative.removingLastComponent()),
                    onProgress: onProgress)
                if path != nil {
                    logger.notice("Job \(id): \(place.escaped) has changed; it goes back into its inbox.")
                }
                return path
            } catch {
                disposer.endIfUncertain(error)
                logger.warning("Job \(id): \(place.escaped) has changed but cannot go back into its inbox: \(error)")
                return nil
            }
        } ?? nil
    }
}
