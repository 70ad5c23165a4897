import LinuxSupport
import ServiceConfiguration

/// Creates the folders that a configuration names.
enum ServiceFolders {
    /// Creates the folders durably; folders that exist already are accepted.
    static func create(_ settings: ServiceSettings) throws {
        try DurableFile.createFolder(settings.configuration.stateFolder, permissions: 0o750)
        for inbox in settings.configuration.inboxes {
            try DurableFile.createFolder(inbox.path)
            try DurableFile.createFolder(inbox.outbox)
            if inbox.originals == .archive { try DurableFile.createFolder(inbox.archive) }
            if inbox.originals != .keep { try DurableFile.createFolder(inbox.failed) }
        }
    }
}
