import Glibc
import SystemPackage

extension FilePath {
    /// The folder that the file lies in; "." for a name without a folder.
    public var parentFolder: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// The path with all symbolic links resolved. If only the beginning of the path exists, the symbolic links in it
    /// are resolved and the rest is appended.
    public var resolvingExistingPart: FilePath {
        var existing = self
        var missing: [FilePath.Component] = []
        while true {
            if let real = existing.withPlatformString({ realpath($0, nil) }) {
                defer { free(real) }
                var resolved = FilePath(platformString: real)
                for component in missing.reversed() { resolved.append(component) }
                return resolved
            }
            guard let last = existing.lastComponent else { return self }
            missing.append(last)
            existing.removeLastComponent()
        }
    }
}
