import Glibc
import SystemPackage

/// Decides by name which files and folders of an inbox are never taken: files that are still being written, and files
/// and folders that operating systems create.
package struct IgnoreRules: Sendable {
    private static let files = ["*.part", "*.crdownload", "*.tmp", "*~", ".*", "Thumbs.db", "desktop.ini"]
    private static let folders = ["@eaDir", "__MACOSX", ".*"]

    private let configured: [String]

    /// Creates the built-in rules and the configured ones.
    ///
    /// - configured: globs. A glob without a slash is matched against the name, a glob with a slash against the path
    ///   relative to the inbox.
    package init(configured: [String]) {
        self.configured = configured
    }

    /// True for a file that is never taken. `relative` is its path below the inbox.
    package func ignoresFile(_ relative: FilePath) -> Bool {
        guard let name = relative.lastComponent else { return true }
        return Self.files.contains { Self.matches($0, name) } || matchesConfigured(relative, name: name)
    }

    /// True for a folder that is skipped with all its content. `relative` is its path below the inbox.
    package func ignoresFolder(_ relative: FilePath) -> Bool {
        guard let name = relative.lastComponent else { return false }
        return Self.folders.contains { Self.matches($0, name) } || matchesConfigured(relative, name: name)
    }

    private func matchesConfigured(_ relative: FilePath, name: FilePath.Component) -> Bool {
        configured.contains { glob in
            glob.contains("/")
                ? relative.withPlatformString { fnmatch(glob, $0, FNM_PATHNAME) == 0 } : Self.matches(glob, name)
        }
    }

    private static func matches(_ glob: String, _ name: FilePath.Component) -> Bool {
        name.withPlatformString { fnmatch(glob, $0, 0) == 0 }
    }
}
