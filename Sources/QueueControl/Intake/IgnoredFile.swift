import Foundation
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// A file that stays in its inbox because neither its name nor its content is that of an image.
package struct IgnoredFile: Sendable {
    /// The absolute path.
    package let path: FilePath
    /// The inbox's folder.
    package let inbox: FilePath
    /// The size in bytes.
    package let size: Int64
    /// The time of the last change of the content.
    package let modified: Date

    /// The ignored files of an inbox, sorted by time, the newest last. Files with built-in or configured names to ignore
    /// are not among them.
    ///
    /// - Throws: `FileError` when the inbox cannot be opened.
    package static func all(in inbox: InboxConfiguration) throws -> [IgnoredFile] {
        let scanner = InboxScanner(inbox)
        return try scanner.scan().entries.filter { $0.isRegular && !isImage($0, scanner) }
            .sorted { ($0.stamp.modified, $0.path.bytes.count) < ($1.stamp.modified, $1.path.bytes.count) }
            .map { entry in
                IgnoredFile(
                    path: entry.path, inbox: inbox.path, size: entry.stamp.size,
                    modified: Date(timeIntervalSince1970: Double(entry.stamp.modified) / 1e9))
            }
    }

    private static func isImage(_ entry: InboxScanner.Entry, _ scanner: InboxScanner) -> Bool {
        if ImageRecognition.hasImageName(entry.path) { return true }
        guard let descriptor = try? scanner.open(entry) else { return false }
        defer { try? descriptor.close() }
        return ImageRecognition.isImage(entry.path, descriptor)
    }
}
