import ConfigurationFile
import LinuxSupport
import SystemPackage

/// Rejects configurations with which the service would take its own outputs as input, or put files of people into its
/// state folder. Folders are compared by their
/// real locations, through symbolic links and bind mounts.
package enum ConfigurationFolders {
    /// Adds a mistake for each folder that overlaps another one in a forbidden way.
    ///
    /// - inboxes: nil stands for an inbox that could not be read; its mistakes are already recorded.
    package static func check(
        stateFolder: FilePath?, inboxes: [InboxConfiguration?], mounts: MountTable = .current(),
        mistakes: ConfigurationMistakes
    ) {
        func isWatched(_ folder: FilePath, by inbox: FilePath, recursive: Bool) -> Bool {
            recursive ? mounts.isInside(folder, inbox) : mounts.isSame(folder, inbox)
        }
        let real = inboxes.map { $0?.path.resolvingExistingPart }
        for (index, inbox) in inboxes.enumerated() {
            guard let inbox, let path = real[index] else { continue }
            let key = "inbox[\(index + 1)]"
            // The folders into which the service moves files.
            var targets = [("outbox", inbox.outbox)]
            if inbox.originals == .archive { targets.append(("archive", inbox.archive)) }
            if inbox.originals != .keep { targets.append(("failed", inbox.failed)) }
            for (other, otherInbox) in inboxes.enumerated() {
                guard let otherInbox, let otherPath = real[other] else { continue }
                let whose = other == index ? "the inbox" : "inbox[\(other + 1)]"
                if other < index, mounts.isSame(path, otherPath) {
                    mistakes.add("\(key).path", "is the same folder as \(whose), \(otherPath.escaped).")
                } else if other != index, otherInbox.recursive, !mounts.isSame(path, otherPath),
                    mounts.isInside(path, otherPath)
                {
                    mistakes.add(
                        "\(key).path",
                        "lies inside \(whose), \(otherPath.escaped); set recursive = false there, or move one folder.")
                }
                for (name, folder) in targets {
                    let target = folder.resolvingExistingPart
                    if isWatched(target, by: otherPath, recursive: otherInbox.recursive) {
                        mistakes.add(
                            "\(key).\(name)",
                            "lies inside \(whose), \(otherPath.escaped): the service would queue the files that it puts there as new images."
                        )
                    } else if other == index, inbox.recursive, mounts.isInside(path, target) {
                        mistakes.add(
                            "\(key).\(name)",
                            "contains the inbox, \(path.escaped): mirrored subfolders could be written into it.")
                    }
                }
            }
            guard let state = stateFolder?.resolvingExistingPart else { continue }
            // Files are moved into these folders under the names that they have in the inbox. In the state folder, such
            // a file could replace or become one of the database's.
            for (name, folder) in targets {
                let target = folder.resolvingExistingPart
                if mounts.isInside(target, state) {
                    mistakes.add("\(key).\(name)", "lies inside the state folder, \(state.escaped).")
                } else if mounts.isInside(state, target) {
                    mistakes.add("state.directory", "lies inside \(key).\(name), \(target.escaped).")
                }
            }
            if isWatched(state, by: path, recursive: inbox.recursive) {
                mistakes.add("state.directory", "lies inside \(key), \(path.escaped).")
            } else if mounts.isInside(path, state) {
                mistakes.add("\(key).path", "lies inside the state folder, \(state.escaped).")
            }
        }
    }
}
