import Glibc
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import Synchronization
import SystemPackage

/// Finishes jobs that stayed in state `publishing` because the daemon died, or because their outbox was read-only or
/// could not be reached. `ServiceRecovery` calls it at the start, the inbox monitor calls it later.
final class PublishingRecovery: Sendable {
    private let store: any JobStore
    private let settings: LiveSettings
    private let publisher: Publisher
    private let finisher: JobFinisher
    private let dispatcher: Dispatcher
    private let logger: Logger
    /// Jobs that could not be finished at the last try.
    private let stuck = Mutex<Set<Int64>>([])

    init(
        store: any JobStore, settings: LiveSettings, publisher: Publisher, finisher: JobFinisher,
        dispatcher: Dispatcher, logger: Logger
    ) {
        self.store = store
        self.settings = settings
        self.publisher = publisher
        self.finisher = finisher
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// How many jobs still cannot be finished.
    var stuckJobs: Int { stuck.withLock { $0.count } }

    /// Finishes every job in state `publishing`, except those that a worker slot (a thread of `WorkerSlots`) is
    /// publishing now.
    ///
    /// - shouldContinue: called before each job; when it returns false, the remaining jobs are left as they are.
    /// - Throws: `FileError` after a failed fsync, `JobStoreError` from the queue.
    func finishAll(shouldContinue: () -> Bool) throws {
        try finish(store.jobs(states: [.publishing], since: nil, limit: nil), shouldContinue: shouldContinue)
    }

    /// Finishes the given jobs, except those that a worker slot is publishing now.
    ///
    /// A job whose outbox does not answer, or whose row the database refuses, does not stop the others. The log reports
    /// that job once, and the next call tries it again.
    ///
    /// - shouldContinue: called before each job; when it returns false, the remaining jobs are left as they are.
    /// - Throws: `FileError` after a failed fsync, `JobStoreError` from the queue.
    func finish(_ jobs: [Job], shouldContinue: () -> Bool = { true }) throws {
        for job in jobs {
            guard let claim = job.claim, !dispatcher.isRunning(claim) else { continue }
            guard shouldContinue() else { return }
            do {
                try finish(job)
            } catch let error as FileError where error.code == .notDurable {
                throw error
            } catch let error as JobStoreError where error.code != .contradiction {
                // This includes a lost claim: a worker slot has finished the job in the meantime.
                throw error
            } catch {
                guard stuck.withLock({ $0.insert(job.id).inserted }) else { continue }
                logger.error("Job \(job.id): cannot publish its output yet; retrying: \(error)")
            }
        }
    }

    /// Finishes one job in state `publishing`.
    ///
    /// - Throws: `FileError`, also when the outbox cannot be reached: the output may exist there, so the job stays as
    ///   it is.
    func finish(_ job: Job) throws {
        guard let claim = job.claim, let isPublished = try publish(job, claim: claim) else { return }
        try finisher.finishRecovered(job, claim: claim, isPublished: isPublished)
        stuck.withLock { _ = $0.remove(job.id) }
        dispatcher.wake()
    }

    /// Gives the output its final name, durably.
    ///
    /// - Returns: false when the output is lost or damaged; nil for a row that names no output.
    private func publish(_ job: Job, claim: Claim) throws -> Bool? {
        guard let output = job.output?.lastComponent, let path = job.temporaryOutput, let name = path.lastComponent,
            let sha256 = job.outputSHA256
        else { return nil }
        guard let folder = try settings.current.folders.openIfPresent(path.removingLastComponent()) else {
            return false
        }
        let (temporary, published) = (folder.entry(name), folder.entry(output))
        if let (stamp, _) = try temporary.existing() {
            if try published.existing()?.stamp.inode == stamp.inode {
                // Both names belong to one file: the daemon was killed between `link` and `unlink`. These two calls
                // replace the rename on file systems that cannot rename without replacing.
                try temporary.remove()
            } else if try Self.isThere(temporary, sha256: sha256) {
                let isTaken = try published.existing() != nil
                _ = try publisher.rename(
                    claim, temporary: temporary, name: output,
                    wished: isTaken ? Publisher.freeName(output, in: folder, from: 2) : (published, 1),
                    isCommitted: !isTaken, heartbeat: nil)
            } else {
                try temporary.remove()
                return false
            }
        } else if try !Self.isThere(published, sha256: sha256) {
            return false
        }
        try folder.sync()
        return true
    }

    /// True if a regular file with this hash has the name. A file that the service's user has no permission to read
    /// is not the output.
    private static func isThere(_ entry: FolderEntry, sha256: String) throws -> Bool {
        guard try entry.existing()?.isRegular == true else { return false }
        do {
            return try entry.sha256() == sha256
        } catch let error as FileError where error.systemError == EACCES {
            return false
        }
    }
}
