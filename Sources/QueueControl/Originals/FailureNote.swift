import Foundation
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import WorkerProtocol

/// The text file beside a failed original that says why its job failed: `photo.jpg.reason.txt`.
package struct FailureNote {
    private static let suffix = Array(".reason.txt".utf8)

    private let job: Job

    /// Creates the note for a failed job.
    package init(_ job: Job) {
        self.job = job
    }

    /// Writes the note durably; replaces the note of an earlier failure of the same file.
    package func write(beside original: FilePath) throws {
        guard let path = Self.path(beside: original) else { return }
        let temporary = TemporaryOutput.path(in: path.removingLastComponent(), id: job.id)
        try AtomicFile.write(
            text.utf8, to: path, temporary: temporary, permissions: [.ownerReadWrite, .groupReadWrite, .otherRead],
            durability: .content)
    }

    /// Removes a note from the failed folder after its original was moved out of that folder.
    package static func remove(beside original: FilePath) {
        if let path = path(beside: original) { try? DurableFile.remove(path) }
    }

    private var text: String {
        let again =
            job.input.contentSHA256.isEmpty ? "put the file into the inbox again" : "srgan-jobs retry \(job.id)"
        return """
            \(job.reason?.rawValue ?? "failed"): \(job.message ?? "")
            job \(job.id), attempt \(job.attempt), \(Date().ISO8601Format())
            To try again: \(again)

            """
    }

    private static func path(beside original: FilePath) -> FilePath? {
        guard let name = original.lastComponent else { return nil }
        let kept = name.bytes.prefix(255 - suffix.count)
        return original.removingLastComponent().appending(FilePath.Component(bytes: kept + suffix))
    }
}
