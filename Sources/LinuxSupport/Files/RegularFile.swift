import Glibc
import SystemPackage

/// Reads files that must be regular files. A FIFO or a device is an error and does not block the caller.
public enum RegularFile {
    /// Opens a file for reading, without blocking; throws a `FileError` when it is not a regular file.
    public static func open(_ path: FilePath) throws -> FileDescriptor {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                path, .readOnly, options: [FileDescriptor.OpenOptions(rawValue: O_NONBLOCK), .closeOnExec])
        } catch let error as Errno {
            throw FileError.system("opened", path, number: error.rawValue)
        }
        return try checked(descriptor, name: path)
    }

    /// Returns the descriptor of a regular file; closes any other and throws a `FileError`.
    static func checked(_ descriptor: FileDescriptor, name: FilePath) throws -> FileDescriptor {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? descriptor.close()
            throw FileError(.inputOutput, "\(name.escaped) is not a regular file.")
        }
        return descriptor
    }

    /// Reads a whole file; throws a `FileError` when it has more than `limit` bytes.
    public static func read(_ path: FilePath, limit: Int) throws -> [UInt8] {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        return try read(descriptor, name: path, limit: limit)
    }

    static func read(_ descriptor: FileDescriptor, name: FilePath, limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachChunk(of: descriptor, name: name) { chunk in
            bytes.append(contentsOf: chunk)
            guard bytes.count <= limit else {
                throw FileError(.inputOutput, "\(name.escaped) is larger than \(limit) bytes.")
            }
        }
        return bytes
    }

    /// The SHA-256 hash of a file in lower-case hexadecimal.
    public static func sha256(_ path: FilePath) throws -> String {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        return try sha256(descriptor, name: path)
    }

    /// The SHA-256 hash from the descriptor's offset to the end of the file, in lower-case hexadecimal.
    public static func sha256(_ descriptor: FileDescriptor, name: FilePath) throws -> String {
        var hash = SHA256()
        try forEachChunk(of: descriptor, name: name) { hash.update($0) }
        return hash.finish()
    }

    /// Calls `body` with one chunk after the other, from the descriptor's offset to the end of the file.
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
                throw FileError.system("read", name, number: error.rawValue)
            }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
