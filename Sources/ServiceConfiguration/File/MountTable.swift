import Foundation
import LinuxSupport
import SystemPackage

/// Finds the real locations of folders. A real location is a file system and a path in it. Detects that two paths name
/// one folder, or that one folder is inside the other, even through symbolic links and through bind mounts, which
/// `realpath` does not resolve.
package struct MountTable {
    /// A location in a file system.
    package struct Place: Equatable {
        /// `major:minor`, the kernel's number of the device.
        package let device: String
        /// The path from the root of the file system.
        package let path: FilePath

        /// True if this location is the other one or inside it.
        package func isInside(_ other: Place) -> Bool { device == other.device && path.starts(with: other.path) }
    }

    private struct Mount {
        let point: FilePath
        let place: Place
    }

    private let mounts: [Mount]
    /// Mounts by mount point. The last of several mounts on one point hides the others.
    private let mountAt: [FilePath: Mount]

    /// The mounts that this process sees. Empty if they cannot be read; then only paths are compared.
    package static func current() -> MountTable {
        MountTable((try? RegularFile.read("/proc/self/mountinfo", limit: 64 << 20)) ?? [])
    }

    /// Reads the lines of `/proc/self/mountinfo`.
    package init(_ text: [UInt8]) {
        mounts = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // ID, parent's ID, device, root in the file system, mount point, ...
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard words.count > 4 else { return nil }
            return Mount(
                point: FilePath(bytes: Self.unescaped(words[4])),
                place: Place(
                    device: String(decoding: words[2], as: UTF8.self), path: FilePath(bytes: Self.unescaped(words[3]))))
        }
        mountAt = Dictionary(mounts.map { ($0.point, $0) }, uniquingKeysWith: { $1 })
    }

    /// True if files put into `target` appear in `folder` or in a folder below it. Both paths must be absolute, with
    /// symbolic links resolved.
    package func isInside(_ target: FilePath, _ folder: FilePath) -> Bool {
        if target.starts(with: folder) { return true }
        guard let place = place(of: target) else { return false }
        if let other = self.place(of: folder), place.isInside(other) { return true }
        return mounts.contains { place.isInside($0.place) && $0.point.starts(with: folder) }
    }

    /// True if both paths name the same folder.
    package func isSame(_ first: FilePath, _ second: FilePath) -> Bool {
        first == second || place(of: first).map { $0 == place(of: second) } ?? false
    }

    private func place(of path: FilePath) -> Place? {
        var point = path
        while mountAt[point] == nil, point.removeLastComponent() {}
        var rest = path
        guard let mount = mountAt[point], rest.removePrefix(point) else { return nil }
        return Place(device: mount.place.device, path: mount.place.path.pushing(rest))
    }

    /// Decodes a name in which spaces, tabs, newlines and backslashes are written as `\` and three octal digits.
    private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = word
        while let byte = rest.first {
            let digits = rest.dropFirst().prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }
}
