import Glibc
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
        try createStateFolder(settings)
        for inbox in settings.configuration.inboxes {
            // An inbox with one of these keys must exist, because a new one would have neither a mount nor a marker.
            if inbox.requiredMount == nil, inbox.marker == nil {
                do {
                    _ = try settings.folders.create(inbox.path)
                } catch let error as FileError where error.code != .notDurable {
                    // The monitor reports that the inbox is missing.
                }
            }
            var others = [inbox.outbox]
            if inbox.originals == .archive { others.append(inbox.archive) }
            if inbox.originals != .keep { others.append(inbox.failed) }
            for folder in others {
                do {
                    _ = try settings.folders.create(folder)
                } catch let error as FileError where error.code == .folderUnavailable {
                    logger.error("\(error)")
                }
            }
        }
    }

    /// Creates the state folder, but not its parent: an empty queue on the wrong disk would look like a new one, and
    /// everything would be done again.
    private static func createStateFolder(_ settings: ServiceSettings) throws {
        let state = settings.configuration.stateFolder
        try settings.folders.requireMount(of: state)
        guard access(state.parentFolder.string, F_OK) == 0 || errno != ENOENT else {
            throw DaemonError(
                .passing,
                "The state folder \(state.escaped) cannot be created, because \(state.parentFolder.escaped) does not exist; perhaps its file system is not mounted."
            )
        }
        try DurableFile.createFolder(state, permissions: 0o750)
    }
}
