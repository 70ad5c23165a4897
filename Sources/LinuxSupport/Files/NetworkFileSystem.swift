import CLinux
import SystemPackage

/// File systems on which this machine's kernel does not see the changes that other machines make: inotify does not
/// report these changes, and a lease does not tell whether another machine has a file open.
public enum NetworkFileSystem {
    private static let names: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x6573_5546: "FUSE", 0x0102_1997: "9P",
        0x00C3_6400: "Ceph", 0x5346_414F: "AFS",
    ]

    /// The name of the network file system that contains a path; nil for a local file system.
    public static func name(of path: FilePath) -> String? {
        names[path.withPlatformString { clinux_file_system_type($0) }]
    }

    /// The name of the network file system that contains an open file; nil for a local file system.
    public static func name(of descriptor: FileDescriptor) -> String? {
        name(of: FilePath("/proc/self/fd/\(descriptor.rawValue)"))
    }
}
