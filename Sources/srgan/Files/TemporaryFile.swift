import CLinux
import Foundation
import Glibc
import Imaging
import SystemPackage

/// Temporary files that disappear with the process.
enum TemporaryFile {
    /// Creates an unnamed file in the folder for temporary files, open for reading and writing.
    static func unnamed() throws -> Int32 {
        let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let file = clinux_open_unnamed(folder, 0o600)
        if file >= 0 { return file }
        // Some file systems do not support unnamed files: there the file is created with a name and unlinked at once.
        var template = Array("\(folder)/srgan-XXXXXX".utf8CString)
        let named = mkstemp(&template)
        guard named >= 0 else {
            throw ImagingError.system(errno: errno, "A temporary file could not be created in \(folder)")
        }
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return named
    }

    /// Writes all bytes.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
        do {
            try FileDescriptor(rawValue: descriptor).writeAll(bytes)
        } catch let error as Errno {
            throw ImagingError.system(errno: error.rawValue, "The output could not be written")
        }
    }

    /// Copies a file completely to another descriptor.
    static func copy(_ source: Int32, to target: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            let count = pread(source, &buffer, buffer.count, off_t(offset))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ImagingError.system(errno: errno, "The output could not be read back") }
            guard count > 0 else { return }
            try write(buffer[..<count], to: target)
            offset += count
        }
    }
}
