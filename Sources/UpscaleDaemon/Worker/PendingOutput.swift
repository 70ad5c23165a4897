import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// An output file under its temporary name, in the folder in which it will be published.
struct PendingOutput {
    let path: FilePath
    /// Open for reading and writing.
    let descriptor: FileDescriptor

    /// Creates the file, and its folder if that is missing.
    ///
    /// - outboxes: the configured outboxes; see `OutputFolder`.
    /// - Throws: `FileError`.
    static func create(for job: Job, outboxes: [FilePath]) throws -> PendingOutput {
        let folder = try OutputFolder.create(job.input.outputFolder, outboxes: outboxes)
        let path = TemporaryOutput.path(in: folder, id: job.id)
        let descriptor = try DurableFile.create(
            path, permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        return PendingOutput(path: path, descriptor: descriptor)
    }

    /// Closes the file and removes its temporary name. A published output keeps its final name.
    func discard() {
        try? descriptor.close()
        try? DurableFile.remove(path)
    }
}
