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
        let settings = settings.current
        guard let inbox = settings.inbox(job.input.inbox)?.configuration else { return nil }
        let original = Original(job: job, inbox: inbox, folders: settings.folders)
        switch (job.state, inbox.originals) {
        case (.completed, .archive):
            return try move(original, to: inbox.archive, onProgress: onProgress)?.path
        case (.completed, .delete):
            if let entry = try original.present(), try original.isRight(entry) {
                try entry.remove()
                // Sync before the queue records the removal: otherwise a power cut could bring the file back, and no
                // job would remove it again.
                try entry.folder.sync()
                try original.leave(entry)
            }
            return nil
        case (.failed, .archive), (.failed, .delete):
            let place = try move(original, to: inbox.failed, onProgress: onProgress)
            if let place { try FailureNote(job).write(beside: place) }
            return place?.path
        case (.completed, .keep), (.failed, .keep): return job.input.source
        default: return nil
        }
    }

    private func move(_ original: Original, to folder: FilePath, onProgress: () -> Void) throws -> FolderEntry? {
        let source = original.job.input.source
        guard let name = source.lastComponent else { return nil }
        let target = folder.pushing(original.subfolder)
        guard let entry = try original.present() else {
            // The service may have been killed after it moved the file and before the queue recorded the move.
            let moved = try original.folders.openIfPresent(target)?.entry(name)
            return try moved.flatMap { try original.isRight($0) ? $0 : nil }
        }
        if source.removingLastComponent() == target { return entry }
        guard try original.isRight(entry) else {
            logger.info(
                "Job \(original.job.id): \(source.escaped) is a different file now and stays in place.")
            return nil
        }
        let place = try FileMover.move(
            entry, into: original.folders.create(target), onProgress: onProgress, isRight: original.isRight)
        if place != nil { try original.leave(entry) }
        return place
    }
}
