import LinuxSupport
import Logging
import ServiceConfiguration

/// Creates the folders that a configuration names.
enum ServiceFolders {
    /// Creates the folders durably; folders that exist already are accepted.
    ///
    /// The parent of a configured folder is not created. A path on a file system that is not mounted would otherwise
    /// become a new, empty folder on the system's disk, and look like an inbox without images. An inbox that is missing
    /// does not stop the service: its monitor reports it, and scans it as soon as it is there. Neither does a missing
    /// parent of another folder: jobs wait for it.
    static func create(_ settings: ServiceSettings, logger: Logger) throws {
        try DurableFile.createFolder(settings.configuration.stateFolder, permissions: 0o750)
        for inbox in settings.configuration.inboxes {
            // An inbox with one of these keys must exist, because a new one would have neither a mount nor a marker.
            if inbox.requiredMount == nil, inbox.marker == nil {
                do {
                    try DurableFile.createFolderInExistingParent(inbox.path)
                } catch let error as FileError where error.code != .notDurable {
                    // The monitor reports that the inbox is missing.
                }
            }
            var others = [inbox.outbox]
            if inbox.originals == .archive { others.append(inbox.archive) }
            if inbox.originals != .keep { others.append(inbox.failed) }
            for folder in others {
                try DurableFile.createFolderInExistingParent(folder)
                do {
                    _ = try settings.folders.open(folder)
                } catch let error as FileError where error.code == .folderUnavailable {
                    logger.error("\(error)")
                }
            }
        }
    }
}
