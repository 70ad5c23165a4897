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
    /// - Throws: `FileError`.
    static func create(for job: Job) throws -> PendingOutput {
        try DurableFile.createFolder(job.input.outputFolder)
        let path = TemporaryOutput.path(in: job.input.outputFolder, id: job.id)
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
