import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// An output file under its temporary name, in the folder in which it will be published.
struct PendingOutput {
    /// The folder that was opened for this file. At the publication, another folder may have its path.
    let entry: FolderEntry
    /// Open for reading and writing.
    let descriptor: FileDescriptor

    /// Creates the file, and its folder if that is missing.
    ///
    /// - Throws: `FileError`.
    static func create(for job: Job, in folders: ConfiguredFolders) throws -> PendingOutput {
        let entry = try OutputFolder.create(job.input.outputFolder, in: folders).entry(TemporaryOutput.name(id: job.id))
        let descriptor = try entry.create(permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        return PendingOutput(entry: entry, descriptor: descriptor)
    }

    /// Closes the file and removes its temporary name. A published output keeps its final name.
    func discard() {
        try? descriptor.close()
        try? entry.remove()
    }
}
