import Glibc
import SystemPackage

extension FilePath {
    /// The folder that the file lies in; "." for a bare name.
    public var parentFolder: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// The path with all symbolic links resolved. The part that does not exist is appended to the real path of the rest.
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
