import LinuxSupport
import SystemPackage

/// The name of an output until it is published: a dotfile, which no inbox takes, in the output's final folder.
package enum TemporaryOutput {
    private static let prefix = ".srgan-"
    private static let suffix = ".part"

    /// A new name in `folder`.
    package static func path(in folder: FilePath, id: Int64) -> FilePath {
        folder.appending("\(prefix)\(id)-\(String(UInt64.random(in: .min ... .max), radix: 16))\(suffix)")
    }

    /// Removes all such files in a folder and the folders below it; returns how many.
    ///
    /// - keep: files that a job still needs.
    package static func removeAll(below folder: FilePath, keep: Set<FilePath>) -> Int {
        FolderListing.removeFiles(below: folder) { file in
            file.lastComponent.map(isOne) == true && !keep.contains(file)
        }
    }

    private static func isOne(_ name: FilePath.Component) -> Bool {
        let text = name.string
        return text.hasPrefix(prefix) && text.hasSuffix(suffix)
    }
}
