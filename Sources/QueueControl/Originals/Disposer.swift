import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Cleans up after jobs that ended: removes the private copy, and moves the original to the archive or the failed
/// folder, or deletes it. This is the last step of a job. Until the move is done, the job's row in the queue says that
/// the move is due. If a move failed or was interrupted, the inbox monitor therefore tries it again after one of its
/// next scans.
///
/// Worker slots (the daemon's threads that run jobs), the inbox monitor and requests on the control socket call the
/// disposer concurrently. Only one thread at a time holds a job's original, that is, may read or move it.
package struct Disposer: Sendable {
    private struct State {
        /// Jobs whose original is being moved or read.
        var held: Set<Int64> = []
        /// Jobs whose original could not be moved, each with the earliest time (`Monotonic`) of the next try.
        var troubled: [Int64: Double] = [:]
    }

    /// The pause after a failed move, as a multiple of the time that the move took. A move to another disk may copy for
    /// minutes before it fails because that disk is full. With this pause, repeated failed moves take less than a tenth
    /// of the time.
    private static let pauseFactor = 10.0

    private let store: any JobStore
    private let spool: Spool
    private let placement: OriginalPlacement
    /// Ends the process after a failed fsync; does nothing for other errors.
    package let endIfUncertain: @Sendable (any Error) -> Void
    private let logger: Logger
    private let state = Monitor(State())

    /// Creates a disposer.
    ///
    /// - endIfUncertain: called with every error. Ends the process if the error is a failed fsync, because the state on
    ///   disk is then uncertain.
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
    /// - patience: seconds to wait while another thread holds the original.
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
    /// - job: the job's row as it was when the work began. A person may have retried the job in the meantime; it then
    ///   has a new private copy.
    /// - onProgress: called repeatedly while a file is copied to another file system.
    package func cleanUp(after job: Job, onProgress: () -> Void = {}) {
        removeCopies(of: job)
        dispose(job.id, onProgress: onProgress)
    }

    /// Removes the private copies that a job no longer needs. A copy that cannot be removed is removed at the next
    /// start.
    package func removeCopies(of job: Job) {
        guard let row = try? store.job(id: job.id) else { return }
        if row.state.isFinal { spool.remove(row.input.spool) }
        if row.input.spool != job.input.spool { spool.remove(job.input.spool) }
    }

    /// Moves the original of a job that ended, unless the original has been moved already or another thread holds it.
    ///
    /// - onProgress: called repeatedly while the file is copied to another file system.
    package func dispose(_ id: Int64, onProgress: () -> Void = {}) {
        withOriginal(of: id, patience: 0) {
            let begin = Monotonic.now
            do {
                // Read the row only now, while the original is held: a person may have put the job back into the queue.
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

    /// Moves a failed original that changed from the failed folder back into its inbox, and records that the job no
    /// longer has it. The caller holds the original.
    ///
    /// - place: where the original is.
    /// - folder: the folder to move it to, in the inbox.
    /// - onProgress: called repeatedly while the file is copied to another file system.
    /// - Returns: its new path; nil if the file changed again.
    /// - Throws: `FileError`, `JobStoreError`.
    package func returnOriginal(
        of job: Job, at place: FilePath, to folder: FilePath, onProgress: () -> Void
    ) throws -> FilePath? {
        guard let path = try placement.moveBack(job, from: place, to: folder, onProgress: onProgress) else {
            return nil
        }
        try store.recordDisposal(id: job.id, disposedSource: nil)
        return path
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
