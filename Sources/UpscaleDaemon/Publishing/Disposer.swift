import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

/// Puts the originals of jobs that ended where they belong: archive, failed folder, nowhere. The last step of a job;
/// one that fails or is interrupted stays noted with the job and is done again at one of the next looks at the inboxes.
///
/// Worker slots, the inboxes' monitor and people's requests come here at the same time; one of them at a time has a
/// job's original in hand.
struct Disposer: Sendable {
    private struct Hands {
        var jobs: Set<Int64> = []
        /// Jobs whose originals could not be moved, and the time of `Monotonic` before which that is not tried again.
        var troubled: [Int64: Double] = [:]
    }

    private static let reasonSuffix = ".reason.txt"
    /// How many times as long as an attempt took nothing is tried after its failure: one that fills a disk to its end takes
    /// minutes.
    private static let pauseFactor = 10.0

    private let store: any JobStore
    private let settings: LiveSettings
    private let stop: StopSignal
    private let logger: Logger
    private let hands = Monitor(Hands())

    init(store: any JobStore, settings: LiveSettings, stop: StopSignal, logger: Logger) {
        self.store = store
        self.settings = settings
        self.stop = stop
        self.logger = logger
    }

    /// Whether nobody has an original in hand.
    var isIdle: Bool { hands.withLock { $0.jobs.isEmpty } }

    /// Whether a job's original could not be moved when that was tried.
    func isTroubled(_ id: Int64) -> Bool { hands.withLock { $0.troubled[id] != nil } }

    /// Has a job's original in hand while `body` runs.
    ///
    /// - patience: for how long to wait for somebody else who has it, seconds.
    /// - Returns: nil when somebody else still has it.
    @discardableResult
    func withOriginal<Result>(of id: Int64, patience: Double, _ body: () throws -> Result) rethrows -> Result? {
        let isMine = hands.wait(until: Monotonic.now + patience) { $0.jobs.insert(id).inserted ? true : nil }
        guard isMine == true else { return nil }
        defer { hands.change { _ = $0.jobs.remove(id) } }
        return try body()
    }

    /// Moves the original of a job that ended, if that is still to be done and nobody is about it.
    ///
    /// - onProgress: called again and again while a file is copied to another file system.
    func dispose(_ id: Int64, onProgress: () -> Void = {}) {
        withOriginal(of: id, patience: 0) {
            let begin = Monotonic.now
            do {
                // Read only now: a person may have sent the job back into the queue.
                guard let job = try store.job(id: id), job.needsDisposal, job.state.isFinal else { return }
                try store.recordDisposal(id: id, disposedSource: try place(job, onProgress: onProgress))
                hands.withLock { $0.troubled[id] = nil }
            } catch {
                stop.giveUpIfUncertain(error)
                let end = Monotonic.now
                let wasKnown = hands.withLock {
                    $0.troubled.updateValue(end + Self.pauseFactor * (end - begin), forKey: id) != nil
                }
                if wasKnown { return }
                logger.error("Job \(id): its original cannot be moved yet, which is tried again: \(error)")
            }
        }
    }

    /// The jobs whose originals are to be moved now; none when the queue does not tell.
    func due() -> [Int64] {
        do {
            let undisposed = try store.undisposed()
            let now = Monotonic.now
            return hands.withLock { hands in undisposed.filter { hands.troubled[$0] ?? 0 <= now } }
        } catch {
            stop.giveUpIfUncertain(error)
            logger.error("The queue does not tell which originals are to be moved: \(error)")
            return []
        }
    }

    /// Where the original is put, or left on purpose; nil when it is gone, or nobody knows any more what to do with it.
    private func place(_ job: Job, onProgress: () -> Void) throws -> FilePath? {
        guard let inbox = settings.current.inbox(job.input.inbox)?.configuration else { return nil }
        switch (job.state, inbox.originals) {
        case (.completed, .archive):
            return try move(job, to: inbox.archive, inbox: inbox, onProgress: onProgress)
        case (.completed, .delete):
            if try isPresent(job.input.source, inbox: inbox), try isRight(job.input.source, job) {
                try DurableFile.remove(job.input.source)
                // Before the queue notes that it is gone: after a power cut it would lie there for ever.
                try DurableFile.syncFolderIfPresent(job.input.source.removingLastComponent())
                removeReason(beside: job.input.source, inbox: inbox)
            }
            return nil
        case (.failed, .archive), (.failed, .delete):
            let place = try move(job, to: inbox.failed, inbox: inbox, onProgress: onProgress)
            if let place { try writeReason(of: job, beside: place) }
            return place
        case (.completed, .keep), (.failed, .keep): return job.input.source
        default: return nil
        }
    }

    private func move(
        _ job: Job, to folder: FilePath, inbox: InboxConfiguration, onProgress: () -> Void
    ) throws -> FilePath? {
        let source = job.input.source
        guard let name = source.lastComponent else { return nil }
        let target = folder.pushing(subfolder(of: source, inbox: inbox))
        if source.removingLastComponent() == target { return source }
        guard try isPresent(source, inbox: inbox) else {
            // Moved already, and killed before that could be noted.
            let moved = target.appending(name)
            return try isRight(moved, job) ? moved : nil
        }
        guard try isRight(source, job) else {
            logger.info("Job \(job.id): \(source.escaped) is another file by now and stays.")
            return nil
        }
        let place = try FileMover.move(source, into: target, name: name, onProgress: onProgress) {
            try isRight($0, job)
        }
        if place != nil { removeReason(beside: source, inbox: inbox) }
        return place
    }

    /// The mirrored subfolder: where the original lies below its inbox, or below the failed folder after a retry.
    private func subfolder(of source: FilePath, inbox: InboxConfiguration) -> FilePath {
        guard let root = root(of: source, inbox: inbox) else { return FilePath() }
        var relative = source.removingLastComponent()
        _ = relative.removePrefix(root)
        return relative
    }

    private func root(of source: FilePath, inbox: InboxConfiguration) -> FilePath? {
        [inbox.path, inbox.failed].first { source.removingLastComponent().starts(with: $0) }
    }

    /// Whether something lies where the original was.
    ///
    /// - Throws: also when the folder that it was in is not there as a whole, as on a share that is not mounted: the
    ///   original comes back with it.
    private func isPresent(_ source: FilePath, inbox: InboxConfiguration) throws -> Bool {
        if try FileStamp.existing(source) != nil { return true }
        if let root = root(of: source, inbox: inbox) { try DurableFile.openFolder(root).close() }
        return false
    }

    /// Whether this is the very file that was taken, or one of equal content.
    private func isRight(_ path: FilePath, _ job: Job) throws -> Bool {
        guard let (stamp, isRegular) = try FileStamp.existing(path), isRegular else { return false }
        if stamp.word == job.input.sourceStamp { return true }
        guard stamp.size == job.input.contentSize else { return false }
        // A file that was refused unread has no hash.
        guard !job.input.contentSHA256.isEmpty else { return stamp.hasIdentity(of: job.input.sourceStamp) }
        return try RegularFile.sha256(path) == job.input.contentSHA256
    }

    // MARK: - The reason beside the file

    private func reasonPath(beside original: FilePath) -> FilePath? {
        guard let name = original.lastComponent else { return nil }
        let suffix = Array(Self.reasonSuffix.utf8)
        let kept = name.bytes.prefix(255 - suffix.count)
        return original.removingLastComponent().appending(FilePath.Component(bytes: kept + suffix))
    }

    private func writeReason(of job: Job, beside original: FilePath) throws {
        guard let path = reasonPath(beside: original) else { return }
        let again =
            job.input.contentSHA256.isEmpty ? "put the file into the inbox again" : "srgan-jobs retry \(job.id)"
        let text = """
            \(job.reason?.rawValue ?? "failed"): \(job.message ?? "")
            job \(job.id), attempt \(job.attempt), \(Date().ISO8601Format())
            To try again: \(again)

            """
        let temporary = TemporaryOutput.path(in: path.removingLastComponent(), id: job.id)
        // A note of an earlier failure of the same file is replaced.
        try AtomicFile.write(
            text.utf8, to: path, temporary: temporary, permissions: [.ownerReadWrite, .groupReadWrite, .otherRead],
            durability: .content)
    }

    private func removeReason(beside original: FilePath, inbox: InboxConfiguration) {
        guard original.starts(with: inbox.failed), let path = reasonPath(beside: original) else { return }
        try? DurableFile.remove(path)
    }
}
