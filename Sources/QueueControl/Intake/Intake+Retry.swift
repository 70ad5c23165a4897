import Glibc
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Makes the private copy for a job that a person retries.
extension Intake {
    /// A new private copy of a job's original.
    package struct Renewal {
        /// The copy's path.
        package let copy: FilePath
        /// The file that was copied.
        package let source: FilePath
        /// What the file contains; nil if that is the job's own content.
        package let content: ChangedContent?
    }

    /// The reason why a job cannot be retried.
    package struct Refusal: Error, CustomStringConvertible {
        /// One full sentence.
        package let description: String
    }

    /// Makes a private copy of a job's original, also if its content has changed since the job was queued.
    ///
    /// - Throws: `Refusal`, `FileError`; no private copy is left then.
    package func copyNow(_ job: Job, _ settings: ServiceSettings) throws -> Renewal {
        if !job.input.contentSHA256.isEmpty, let (copy, source) = try copyAgain(job, folders: settings.folders) {
            return Renewal(copy: copy, source: source, content: nil)
        }
        let path = job.disposedSource ?? job.input.source
        let descriptor = try open(path, of: job, settings)
        defer { try? descriptor.close() }
        guard let opened = Self.stamp(of: descriptor) else {
            throw Refusal(description: "\(path.escaped) is no regular file.")
        }
        if RegularFile.hasWriter(descriptor) == true {
            throw Refusal(
                description: "\(path.escaped) is still open for writing in another process; try again when it is done.")
        }
        if opened.size == 0 { throw Refusal(description: "\(path.escaped) has 0 bytes.") }
        if opened.size > settings.configuration.limits.maxFileSize {
            throw Refusal(description: Self.tooLarge(opened.size, settings.configuration))
        }
        guard hasRoom(for: opened.size, settings.configuration) else {
            throw Refusal(
                description: "There is no room for a private copy of \(path.escaped) in the state folder.")
        }
        let copy = try spool.store(descriptor, name: path)
        guard Self.stamp(of: descriptor) == opened else {
            spool.remove(copy.path)
            throw Refusal(description: "\(path.escaped) changed while it was copied; try again when it is complete.")
        }
        let content = ChangedContent(sha256: copy.sha256, size: copy.size, stamp: opened.word)
        return Renewal(copy: copy.path, source: path, content: content)
    }

    /// Opens the original of a job. No symbolic link is followed below the configured folders: the content may have
    /// changed, so a link could lead to a file that its creator may not read.
    private func open(_ path: FilePath, of job: Job, _ settings: ServiceSettings) throws -> FileDescriptor {
        let gone = Refusal(description: "The original of job \(job.id) is gone; put the file into the inbox again.")
        guard job.input.inbox.isEmpty || settings.folders.root(of: path) != nil else { throw gone }
        do {
            return try settings.folders.openFile(path)
        } catch let error as FileError {
            // A link in place of the file counts as no file.
            let isGone = error.systemError.map { [ENOENT, ENOTDIR, ELOOP].contains($0) } ?? false
            throw isGone ? gone : Refusal(description: error.message)
        } catch {
            throw Refusal(description: "\(error)")
        }
    }
}
