import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Puts away the files of jobs that ended: removes their private copies, and has their originals moved to the archive
/// or the failed folder, or removed. This is the last step of a job; a move that fails or is interrupted stays noted
/// with the job and is repeated after one of the next scans of the inboxes.
///
/// Worker slots, the inbox monitor and people's requests use it at the same time. Only one of them at a time holds a
/// job's original.
package struct Disposer: Sendable {
    private struct State {
        /// Jobs whose original is being moved or read.
        package var held: Set<Int64> = []
        /// Jobs whose original could not be moved, with the time of `Monotonic` before which that is not repeated.
        package var troubled: [Int64: Double] = [:]
    }

    /// Pause after a failed move, in multiples of the time that it took: a move that fills a disk takes minutes.
    private static let pauseFactor = 10.0

    private let store: any JobStore
    private let spool: Spool
    private let placement: OriginalPlacement
    private let endIfUncertain: @Sendable (any Error) -> Void
    private let logger: Logger
    private let state = Monitor(State())

    /// - endIfUncertain: called with every error; ends the process after a failed fsync, since what is on the disk is
    ///   uncertain then.
    package init(
        store: any JobStore, spool: Spool, settings: LiveSettings, logger: Logger,
        endIfUncertain: @escaping @Sendable (any Error) -> Void
    ) {
        self.store = store
        self.spool = spool
        self.endIfUncertain = endIfUncertain
        self.logger = logger
        placement = OriginalPlacement(settings: settings, logger: logger)
    }

    /// True when no original is being moved.
    package var isIdle: Bool { state.withLock { $0.held.isEmpty } }

    /// True when the last try to move the job's original failed.
    package func isTroubled(_ id: Int64) -> Bool { state.withLock { $0.troubled[id] != nil } }

    /// Holds a job's original while `body` runs.
    ///
    /// - patience: how long to wait for another thread that holds it, seconds.
    /// - Returns: nil when another thread still holds it.
    @discardableResult
    package func withOriginal<Result>(of id: Int64, patience: Double, _ body: () throws -> Result) rethrows -> Result? {
        let isHeld = state.wait(until: Monotonic.now + patience) { $0.held.insert(id).inserted ? true : nil }
        guard isHeld == true else { return nil }
        defer { state.change { _ = $0.held.remove(id) } }
        return try body()
    }

    /// Removes the private copies that a job no longer needs and moves its original, if the job has ended.
    ///
    /// - job: the row as it was when the work began. A person may have queued the job again since, with a new copy.
    /// - onProgress: called repeatedly while a file is copied to another file system.
    package func cleanUp(after job: Job, onProgress: () -> Void = {}) {
        removeCopies(of: job)
        dispose(job.id, onProgress: onProgress)
    }

    /// Removes the private copies that a job no longer needs. A copy that stays is removed at the next start.
    package func removeCopies(of job: Job) {
        guard let row = try? store.job(id: job.id) else { return }
        if row.state.isFinal { spool.remove(row.input.spool) }
        if row.input.spool != job.input.spool { spool.remove(job.input.spool) }
    }

    /// Moves the original of a job that ended, unless that is done already or another thread holds it.
    ///
    /// - onProgress: called repeatedly while the file is copied to another file system.
    package func dispose(_ id: Int64, onProgress: () -> Void = {}) {
        withOriginal(of: id, patience: 0) {
            let begin = Monotonic.now
            do {
                // Read only now: a person may have sent the job back into the queue.
                guard let job = try store.job(id: id), job.needsDisposal, job.state.isFinal else { return }
                let place = try placement.place(job, onProgress: onProgress)
                try store.recordDisposal(id: id, disposedSource: place)
                state.withLock { $0.troubled[id] = nil }
            } catch {
                endIfUncertain(error)
                let end = Monotonic.now
                let wasKnown = state.withLock {
                    $0.troubled.updateValue(end + Self.pauseFactor * (end - begin), forKey: id) != nil
                }
                if wasKnown { return }
                logger.error("Job \(id): cannot move its original yet; retrying: \(error)")
            }
        }
    }

    /// The jobs whose originals have to be moved now; none when the queue cannot be read.
    package func due() -> [Int64] {
        do {
            let undisposed = try store.undisposed()
            let now = Monotonic.now
            return state.withLock { state in undisposed.filter { state.troubled[$0] ?? 0 <= now } }
        } catch {
            endIfUncertain(error)
            logger.error("Cannot read from the queue database which originals have to be moved: \(error)")
            return []
        }
    }
}
