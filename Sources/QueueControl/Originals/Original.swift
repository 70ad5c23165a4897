import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// The original of a job: the file in its inbox or, after a retry, in the folder for failed originals.
struct Original {
    let job: Job
    let inbox: InboxConfiguration
    let folders: ConfiguredFolders

    /// The subfolder to mirror: the original's folder, relative to its inbox or to the folder for failed originals.
    var subfolder: FilePath {
        guard let root else { return FilePath() }
        var relative = folder
        _ = relative.removePrefix(root)
        return relative
    }

    private var folder: FilePath { job.input.source.removingLastComponent() }
    private var root: FilePath? { [inbox.path, inbox.failed].first { folder.starts(with: $0) } }

    /// The file at the original's path; nil when there is none.
    ///
    /// - Throws: `FileError`, also when the inbox itself, or the folder for failed originals, is unavailable: it may be on
    ///   a share that is not mounted, and the original may still exist there.
    func present() throws -> FolderEntry? {
        if let entry = try folders.entry(job.input.source), try entry.existing() != nil { return entry }
        if root == inbox.path { _ = try inbox.openFolder() }
        return nil
    }

    /// True if the file is the one that the job was made from, or has the same content.
    func isRight(_ entry: FolderEntry) throws -> Bool {
        guard let (stamp, isRegular) = try entry.existing(), isRegular else { return false }
        if stamp.word == job.input.sourceStamp { return true }
        guard stamp.size == job.input.contentSize else { return false }
        // A job has no hash if its file was refused before it was read.
        guard !job.input.contentSHA256.isEmpty else { return stamp.hasIdentity(of: job.input.sourceStamp) }
        return try entry.sha256() == job.input.contentSHA256
    }

    /// Cleans up where the original was: removes the job's note in the folder for failed originals, and the subfolders of
    /// the inbox that are empty now, if the inbox is configured so.
    func leave(_ entry: FolderEntry) throws {
        if folder.starts(with: inbox.failed) { try FailureNote(job).remove(beside: entry) }
        guard inbox.removeEmpty, root == inbox.path else { return }
        var empty = folder
        // The removal of a folder fails when a file is in it. A folder that comes back after a power cut does no harm,
        // so nothing is synced.
        while empty != inbox.path, let name = empty.lastComponent {
            empty.removeLastComponent()
            guard try folders.openIfPresent(empty)?.removeFolder(name) == true else { return }
        }
    }
}
