import CLinux
import SystemPackage

extension RegularFile {
    /// Whether a process has a file open for writing, including processes of other users; nil if the kernel does not
    /// say. It says so for files of this process's user on a local file system, or for all local files if this process
    /// has the capability CAP_LEASE.
    ///
    /// - descriptor: open for reading only.
    public static func hasWriter(_ descriptor: FileDescriptor) -> Bool? {
        // NFS and SMB also refuse a lease because the server has not delegated the file to this machine.
        guard NetworkFileSystem.name(of: descriptor) == nil else { return nil }
        switch clinux_has_writer(descriptor.rawValue) {
        case 0: return false
        case 1: return true
        default: return nil
        }
    }

    /// Throws a `FileError` if a process is known to have the file open for writing. Call this before the removal of a
    /// file: what the process writes afterwards would be lost.
    ///
    /// - descriptor: open for reading only.
    /// - name: the file's path, for the message.
    public static func requireNoWriter(_ descriptor: FileDescriptor, name: FilePath) throws {
        if hasWriter(descriptor) == true {
            throw FileError(.changed, "\(name.escaped) is open for writing in another process.")
        }
    }
}
