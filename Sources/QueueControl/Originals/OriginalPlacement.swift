import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Moves or removes the original of a job that ended, as its inbox's configuration says.
package struct OriginalPlacement: Sendable {
    /// The settings in force.
    package let settings: LiveSettings
    /// Logs originals that were replaced by another file.
    package let logger: Logger

    /// Moves, deletes or keeps the original of a job that ended. It is safe to call this again after an interruption.
    ///
    /// - onProgress: called repeatedly while the file is copied to another file system.
    /// - Returns: where the original is now; nil if it no longer exists or the configuration no longer names its inbox.
    /// - Throws: `FileError`; the caller must then try again later.
    package func place(_ job: Job, onProgress: () -> Void) throws -> FilePath? {
        guard let inbox = settings.current.inbox(job.input.inbox)?.configuration else { return nil }
        switch (job.state, inbox.originals) {
        case (.completed, .archive):
            return try move(job, to: inbox.archive, inbox: inbox, onProgress: onProgress)
        case (.completed, .delete):
            if try isPresent(job.input.source, inbox: inbox), try isRight(job.input.source, job) {
                try DurableFile.remove(job.input.source)
                // Sync before the queue records the removal: otherwise a power cut could bring the file back, and no
                // job would remove it again.
                try DurableFile.syncFolderIfPresent(job.input.source.removingLastComponent())
                removeNote(beside: job.input.source, inbox: inbox)
            }
            return nil
        case (.failed, .archive), (.failed, .delete):
            let place = try move(job, to: inbox.failed, inbox: inbox, onProgress: onProgress)
            if let place { try FailureNote(job).write(beside: place) }
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
            // The service may have been killed after it moved the file and before the queue recorded the move.
            let moved = target.appending(name)
            return try isRight(moved, job) ? moved : nil
        }
        guard try isRight(source, job) else {
            logger.info("Job \(job.id): \(source.escaped) is a different file now and stays in place.")
            return nil
        }
        let place = try FileMover.move(source, into: target, name: name, onProgress: onProgress) {
            try isRight($0, job)
        }
        if place != nil { removeNote(beside: source, inbox: inbox) }
        return place
    }

    /// The subfolder to mirror: the original's folder, relative to its inbox or, after a retry, to the failed folder.
    private func subfolder(of source: FilePath, inbox: InboxConfiguration) -> FilePath {
        guard let root = root(of: source, inbox: inbox) else { return FilePath() }
        var relative = source.removingLastComponent()
        _ = relative.removePrefix(root)
        return relative
    }

    private func root(of source: FilePath, inbox: InboxConfiguration) -> FilePath? {
        [inbox.path, inbox.failed].first { source.removingLastComponent().starts(with: $0) }
    }

    /// True when a file exists at the original's path.
    ///
    /// - Throws: `FileError`, also when the inbox itself, or the folder for failed originals, is missing. That folder
    ///   may be on a share that is not mounted, and the original may still exist there.
    private func isPresent(_ source: FilePath, inbox: InboxConfiguration) throws -> Bool {
        if try FileStamp.existing(source) != nil { return true }
        if let root = root(of: source, inbox: inbox) { try DurableFile.openFolder(root).close() }
        return false
    }

    /// True if the file is the one that the job was made from, or has the same content.
    private func isRight(_ path: FilePath, _ job: Job) throws -> Bool {
        guard let (stamp, isRegular) = try FileStamp.existing(path), isRegular else { return false }
        if stamp.word == job.input.sourceStamp { return true }
        guard stamp.size == job.input.contentSize else { return false }
        // A job has no hash if its file was refused before it was read.
        guard !job.input.contentSHA256.isEmpty else { return stamp.hasIdentity(of: job.input.sourceStamp) }
        return try RegularFile.sha256(path) == job.input.contentSHA256
    }

    private func removeNote(beside original: FilePath, inbox: InboxConfiguration) {
        if original.starts(with: inbox.failed) { FailureNote.remove(beside: original) }
    }
}
