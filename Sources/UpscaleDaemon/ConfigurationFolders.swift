import SystemPackage

/// Refuses folders that would feed the service its own outputs, compared by their real paths.
enum ConfigurationFolders {
    /// - inboxes: nil stands for one that could not be read; its mistakes are noted already.
    static func check(stateFolder: FilePath?, inboxes: [InboxConfiguration?], mistakes: ConfigurationMistakes) {
        let real = inboxes.map { $0?.path.resolvingExistingPart }
        for (index, inbox) in inboxes.enumerated() {
            guard let inbox, let path = real[index] else { continue }
            let key = "inbox[\(index + 1)]"
            for (other, otherInbox) in inboxes.enumerated() {
                guard let otherInbox, let otherPath = real[other] else { continue }
                let whose = other == index ? "the inbox" : "inbox[\(other + 1)]"
                if other < index, path == otherPath {
                    mistakes.add("\(key).path", "is the same folder as \(whose), \(otherPath.escaped).")
                } else if other != index, otherInbox.recursive, path != otherPath, path.starts(with: otherPath) {
                    mistakes.add(
                        "\(key).path",
                        "lies inside \(whose), \(otherPath.escaped); set recursive = false there or move one.")
                }
                let targets = [("outbox", inbox.outbox), ("archive", inbox.archive), ("failed", inbox.failed)]
                for (name, folder) in targets {
                    if name == "archive", inbox.originals != .archive { continue }
                    if name == "failed", inbox.originals == .keep { continue }
                    let target = folder.resolvingExistingPart
                    if isWatched(target, by: otherPath, recursive: otherInbox.recursive) {
                        mistakes.add(
                            "\(key).\(name)",
                            "lies inside \(whose), \(otherPath.escaped): what is put there would be taken as input again."
                        )
                    } else if other == index, inbox.recursive, path.starts(with: target) {
                        mistakes.add(
                            "\(key).\(name)",
                            "contains the inbox, \(path.escaped): a subfolder that is mirrored could land in it.")
                    }
                }
            }
            guard let state = stateFolder?.resolvingExistingPart else { continue }
            if isWatched(state, by: path, recursive: inbox.recursive) {
                mistakes.add("state.directory", "lies inside \(key), \(path.escaped).")
            } else if path.starts(with: state) {
                mistakes.add("\(key).path", "lies inside the state folder, \(state.escaped).")
            }
        }
    }

    private static func isWatched(_ folder: FilePath, by inbox: FilePath, recursive: Bool) -> Bool {
        recursive ? folder.starts(with: inbox) : folder == inbox
    }
}
