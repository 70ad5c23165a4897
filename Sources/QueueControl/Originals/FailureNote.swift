import Foundation
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import WorkerProtocol

/// The text file beside a failed original that says why its job failed: `photo.jpg.reason.txt`.
package struct FailureNote {
    private static let suffix = ".reason.txt"
    private static let advice = "To try again: "
    /// A longer file is no note, bytes.
    private static let longest = 1 << 16

    private let job: Job

    /// Creates the note for a failed job.
    package init(_ job: Job) {
        self.job = job
    }

    /// Writes the note durably, beside the original. Replaces the note of an earlier failure of the same job; under the
    /// name of any other file, it takes the next free name.
    package func write(beside original: FolderEntry) throws {
        try remove(beside: original)
        let temporary = original.folder.entry(TemporaryOutput.name(id: job.id))
        let descriptor = try temporary.create(permissions: [.ownerReadWrite, .groupReadWrite, .otherRead])
        defer { try? descriptor.close() }
        do {
            do {
                try descriptor.writeAll(text.utf8)
            } catch let error as Errno {
                throw FileError.system("written", temporary.path, number: error.rawValue)
            }
            try DurableFile.sync(descriptor, name: temporary.path)
            var number = 1
            while try !temporary.renameWithoutReplacing(to: Self.entry(beside: original, number: number)) {
                number += 1
            }
        } catch {
            try? temporary.remove()
            throw error
        }
    }

    /// Removes this job's note beside an original that stays or was moved away. Other files are left alone.
    package func remove(beside original: FolderEntry) throws {
        var number = 1
        while true {
            let entry = Self.entry(beside: original, number: number)
            guard let (stamp, isRegular) = try entry.existing() else { return }
            if isRegular, stamp.size <= Self.longest, let text = try? entry.read(limit: Self.longest), isOwn(text) {
                try entry.remove()
                return
            }
            number += 1
        }
    }

    /// True for a text that ends with the two last lines of a note of this job.
    private func isOwn(_ bytes: [UInt8]) -> Bool {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count > 2, let last = lines.last else { return false }
        return last.hasPrefix(Self.advice) && lines[lines.count - 2].hasPrefix("job \(job.id), attempt ")
    }

    private var text: String {
        """
        \(job.reason?.rawValue ?? "failed"): \(job.message ?? "")
        If the file here changes within a day, it goes back into the inbox by itself.
        job \(job.id), attempt \(job.attempt), \(Date().ISO8601Format())
        \(Self.advice)srgan-jobs retry \(job.id)

        """
    }

    private static func entry(beside original: FolderEntry, number: Int) -> FolderEntry {
        original.folder.entry(
            OutputNaming.alternative(OutputNaming.name(original.name, endingIn: suffix), number: number))
    }
}
