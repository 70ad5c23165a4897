import Glibc
import LinuxSupport
import SystemPackage

/// Reads files that must be regular files; a FIFO or a device under the name neither hangs nor harms.
enum RegularFile {
    /// Opens for reading without waiting for anybody, and refuses what is no regular file.
    static func open(_ path: FilePath) throws -> FileDescriptor {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                path, .readOnly, options: [FileDescriptor.OpenOptions(rawValue: O_NONBLOCK), .closeOnExec])
        } catch let error as Errno {
            throw DaemonError(
                .inputOutput, "\(path.escaped) cannot be opened: \(error).", systemError: error.rawValue)
        }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? descriptor.close()
            throw DaemonError(.inputOutput, "\(path.escaped) is no regular file.")
        }
        return descriptor
    }

    /// The whole file, if it has at most `limit` bytes.
    static func read(_ path: FilePath, limit: Int) throws -> [UInt8] {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        var bytes: [UInt8] = []
        try forEachChunk(of: descriptor, name: path) { chunk in
            bytes.append(contentsOf: chunk)
            guard bytes.count <= limit else {
                throw DaemonError(.inputOutput, "\(path.escaped) is larger than \(limit) bytes.")
            }
        }
        return bytes
    }

    /// SHA-256 of a file, lower-case hexadecimal.
    static func sha256(_ path: FilePath) throws -> String {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        return try sha256(descriptor, name: path)
    }

    /// SHA-256 from the descriptor's offset to the end.
    static func sha256(_ descriptor: FileDescriptor, name: FilePath) throws -> String {
        var hash = SHA256()
        try forEachChunk(of: descriptor, name: name) { hash.update($0) }
        return hash.finish()
    }

    /// Calls `body` with one chunk after the other until the end of the file.
    static func forEachChunk(
        of descriptor: FileDescriptor, name: FilePath, body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do {
                count = try descriptor.read(into: buffer)
            } catch let error as Errno {
                throw DaemonError(
                    .inputOutput, "\(name.escaped) cannot be read: \(error).", systemError: error.rawValue)
            }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
