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
                let descriptor = try entry.open()
                defer { try? descriptor.close() }
                try RegularFile.requireNoWriter(descriptor, name: entry.path)
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

    /// Moves a failed original from the failed folder back into its inbox, with its sidecars. Its failure note is removed.
    ///
    /// - Returns: its new path; nil if the file changed meanwhile.
    /// - Throws: `FileError`.
    func moveBack(
        _ job: Job, from place: FilePath, to folder: FilePath, onProgress: () -> Void
    ) throws -> FilePath? {
        let folders = settings.current.folders
        guard let entry = try folders.entry(place), let word = try entry.existing()?.stamp.word else { return nil }
        let moved = try FileMover.move(entry, into: folders.create(folder), onProgress: onProgress) {
            try $0.existing()?.stamp.hasIdentity(of: word) ?? false
        }
        guard let moved else { return nil }
        try FailureNote(job).remove(beside: entry)
        try moveSidecars(of: entry, to: moved, id: job.id)
        return moved.path
    }

    /// Moves the files that describe an original to the folder to which the original was moved.
    ///
    /// - Throws: `FileError` only after a failed fsync. Other sidecars that cannot be moved stay and are logged.
    private func moveSidecars(of source: FolderEntry, to place: FolderEntry, id: Int64) throws {
        guard source.folder.path != place.folder.path else { return }
        for sidecar in Sidecars.all(of: source) {
            do {
                _ = try FileMover.move(sidecar.entry, into: place.folder, name: sidecar.name(beside: place.name)) {
                    try $0.existing()?.stamp.hasIdentity(of: sidecar.stamp.word) ?? false
                }
            } catch let error as FileError where error.code != .notDurable {
                logger.warning("Job \(id): \(sidecar.entry.path.escaped) stays where it is: \(error)")
            }
        }
    }

    private func move(_ original: Original, to folder: FilePath, onProgress: () -> Void) throws -> FolderEntry? {
        let source = original.job.input.source
        guard let name = source.lastComponent else { return nil }
        let target = folder.pushing(original.subfolder)
        guard let entry = try original.present() else {
            // The service may have been killed after it moved the file and before the queue recorded the move.
            guard let moved = try original.folders.openIfPresent(target)?.entry(name), try original.isRight(moved)
            else { return nil }
            if let entry = try original.folders.entry(source) {
                try moveSidecars(of: entry, to: moved, id: original.job.id)
            }
            return moved
        }
        if source.removingLastComponent() == target { return entry }
        guard try original.isRight(entry) else {
            logger.info(
                "Job \(original.job.id): \(source.escaped) is a different file now and stays in place.")
            return nil
        }
        let place = try FileMover.move(
            entry, into: original.folders.create(target), onProgress: onProgress, isRight: original.isRight)
        if let place {
            // The sidecars first: they would keep an empty folder from being removed.
            try moveSidecars(of: entry, to: place, id: original.job.id)
            try original.leave(entry)
        }
        return place
    }
}
