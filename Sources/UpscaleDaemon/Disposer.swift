import Foundation
import JobQueue
import Logging
import SystemPackage

/// Puts the originals of jobs that ended where they belong: archive, failed folder, nowhere. The last step of a job;
/// one that fails or is interrupted is done again at the next start.
struct Disposer: Sendable {
    private static let reasonSuffix = ".reason.txt"

    let store: any JobStore
    let settings: LiveSettings
    let stop: StopSignal
    let logger: Logger

    /// Moves the original of a job that ended, if that is still to be done.
    func dispose(_ job: Job) {
        guard job.needsDisposal, job.state.isFinal else { return }
        do {
            try store.recordDisposal(id: job.id, disposedSource: try place(job))
        } catch {
            stop.giveUpIfUncertain(error)
            logger.error(
                "Job \(job.id): the original \(job.input.source.escaped) stays where it is until the next start: \(error)"
            )
        }
    }

    /// Where the original is put; nil when it stays or is gone.
    private func place(_ job: Job) throws -> FilePath? {
        guard let inbox = settings.current.inbox(job.input.inbox)?.configuration else { return nil }
        switch (job.state, inbox.originals) {
        case (.completed, .archive): return try move(job, to: inbox.archive, inbox: inbox)
        case (.completed, .delete):
            if isRight(job.input.source, job) {
                try DurableFile.remove(job.input.source)
                // Before the queue notes that it is gone: after a power cut it would lie there for ever.
                try DurableFile.syncFolderIfPresent(job.input.source.removingLastComponent())
                removeReason(beside: job.input.source, inbox: inbox)
            }
            return nil
        case (.failed, .archive), (.failed, .delete):
            let place = try move(job, to: inbox.failed, inbox: inbox)
            if let place { try writeReason(of: job, beside: place) }
            return place
        default: return nil
        }
    }

    private func move(_ job: Job, to folder: FilePath, inbox: InboxConfiguration) throws -> FilePath? {
        let source = job.input.source
        guard let name = source.lastComponent else { return nil }
        let target = folder.pushing(subfolder(of: source, inbox: inbox))
        if source.removingLastComponent() == target { return source }
        guard FileStamp.of(source) != nil else {
            // Moved already, and killed before that could be noted.
            let moved = target.appending(name)
            return isRight(moved, job) ? moved : nil
        }
        guard isRight(source, job) else {
            logger.info("Job \(job.id): \(source.escaped) is another file by now and stays.")
            return nil
        }
        let place = try FileMover.move(source, into: target, name: name) { isRight($0, job) }
        if place != nil { removeReason(beside: source, inbox: inbox) }
        return place
    }

    /// The mirrored subfolder: where the original lies below its inbox, or below the failed folder after a retry.
    private func subfolder(of source: FilePath, inbox: InboxConfiguration) -> FilePath {
        for root in [inbox.path, inbox.failed] {
            var relative = source.removingLastComponent()
            if relative.removePrefix(root) { return relative }
        }
        return FilePath()
    }

    /// Whether this is the very file that was taken, or one of equal content.
    private func isRight(_ path: FilePath, _ job: Job) -> Bool {
        guard let (stamp, isRegular) = FileStamp.of(path), isRegular else { return false }
        if stamp.word == job.input.sourceStamp { return true }
        guard stamp.size == job.input.contentSize else { return false }
        // A file that was refused unread has no hash.
        guard !job.input.contentSHA256.isEmpty else { return stamp.hasIdentity(of: job.input.sourceStamp) }
        return (try? RegularFile.sha256(path)) == job.input.contentSHA256
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
        let descriptor = try DurableFile.create(
            temporary, permissions: [.ownerReadWrite, .groupReadWrite, .otherRead])
        defer { try? descriptor.close() }
        do {
            try descriptor.writeAll(Array(text.utf8))
            try DurableFile.sync(descriptor, name: temporary)
            // A note of an earlier failure of the same file is replaced.
            let replaced = temporary.withPlatformString { from in path.withPlatformString { rename(from, $0) } }
            guard replaced == 0 else { throw DurableFile.failure("renamed", temporary) }
        } catch {
            try? DurableFile.remove(temporary)
            throw error
        }
    }

    private func removeReason(beside original: FilePath, inbox: InboxConfiguration) {
        guard original.starts(with: inbox.failed), let path = reasonPath(beside: original) else { return }
        try? DurableFile.remove(path)
    }
}
