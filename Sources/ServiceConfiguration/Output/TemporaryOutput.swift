import LinuxSupport
import SystemPackage

/// The temporary name of a file until the file is complete. The file is already in its final folder, and its temporary
/// name begins with a dot, so that no inbox takes it.
package enum TemporaryOutput {
    private static let prefix = ".srgan-"
    private static let suffix = ".part"

    /// A new name in `folder`.
    package static func path(in folder: FilePath, id: Int64) -> FilePath { folder.appending(name(id: id)) }

    /// A new name.
    package static func name(id: Int64) -> FilePath.Component {
        FilePath.Component("\(prefix)\(id)-\(String(UInt64.random(in: .min ... .max), radix: 16))\(suffix)")!
    }

    /// Removes all files with temporary names in a folder and its subfolders; returns how many.
    package static func removeAll(below folder: OpenFolder) -> Int {
        FolderListing.removeFiles(below: folder, where: isOne)
    }

    private static func isOne(_ name: FilePath.Component) -> Bool {
        let text = name.string
        return text.hasPrefix(prefix) && text.hasSuffix(suffix)
    }
}
