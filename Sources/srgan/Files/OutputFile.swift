import CLinux
import Glibc
import Imaging
import LinuxSupport
import SystemPackage

/// The destination of a result: standard output, or a file that gets its name only when it is complete and on disk.
///
/// The file is created without a name (O_TMPFILE), so that even SIGKILL leaves nothing behind. If the file system does
/// not support such files, the result is written to a dotfile beside the output. The dotfile is removed on failure and
/// on SIGINT, SIGTERM and SIGHUP.
final class OutputFile {
    /// The file, open for reading and writing, or standard output.
    let descriptor: Int32
    private let path: FilePath?
    private let replaces: Bool
    /// The dotfile's path, while there is one.
    private var temporaryPath: FilePath?
    /// Whether the result is written to a temporary file and copied to standard output at the end, because the encoder
    /// must seek and standard output cannot.
    private let copiesToStandardOutput: Bool

    /// Whether the output is standard output.
    var isStandardOutput: Bool { path == nil }

    /// Prepares the output; "-" is standard output.
    init(argument: String, replaces: Bool, mustSeek: Bool) throws {
        self.replaces = replaces
        guard argument != "-" else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw Failure.usage("Standard output is a terminal; name a file, or redirect it with '>'.")
            }
            path = nil
            copiesToStandardOutput = mustSeek && !Self.standardOutputCanSeek
            descriptor = copiesToStandardOutput ? try TemporaryFile.unnamed() : STDOUT_FILENO
            return
        }
        let path = try Self.destination(
            ArgumentBytes.path(of: argument), shown: ArgumentBytes.shown(argument), replaces: replaces)
        self.path = path
        copiesToStandardOutput = false
        let folder = path.parentFolder
        let unnamed = folder.withPlatformString { clinux_open_unnamed($0, 0o666) }
        if unnamed >= 0 {
            descriptor = unnamed
            return
        }
        let temporary = folder.appending(".srgan-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part")
        descriptor = temporary.withPlatformString { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else {
            let isFull = [ENOSPC, EDQUOT].contains(errno)
            throw Failure(
                reason: isFull ? .diskFull : .inputOutputError,
                message: "\(ArgumentBytes.shown(argument)) cannot be created: \(Self.systemText()).",
                exitCode: isFull ? 75 : Failure.cannotCreate)
        }
        temporaryPath = temporary
        InterruptCleanup.removeOnSignal(temporary)
    }

    deinit {
        if let temporaryPath {
            _ = temporaryPath.withPlatformString { unlink($0) }
            InterruptCleanup.forget()
        }
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    /// The size of the result, bytes; nil if it is not written to a regular file.
    var size: Int64? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Syncs the result to disk and gives the file its final name; or copies the result to standard output if needed.
    func publish() throws {
        guard let path else {
            if copiesToStandardOutput { try TemporaryFile.copy(descriptor, to: STDOUT_FILENO) }
            return
        }
        guard fsync(descriptor) == 0 else {
            throw ImagingError.system(errno: errno, "The output could not be written to disk")
        }
        if temporaryPath == nil && replaces {
            // An unnamed file cannot replace another file, so it gets a temporary name first.
            let temporary = path.removingLastComponent().appending(
                ".srgan-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part")
            try Self.succeed(temporary.withPlatformString { clinux_link_unnamed(descriptor, $0) }, path)
            temporaryPath = temporary
        }
        if let temporary = temporaryPath {
            let status = temporary.withPlatformString { from in
                path.withPlatformString { to in
                    replaces ? rename(from, to) : clinux_rename_noreplace(AT_FDCWD, from, AT_FDCWD, to)
                }
            }
            try Self.succeed(status, path)
            temporaryPath = nil
            InterruptCleanup.forget()
        } else {
            try Self.succeed(path.withPlatformString { clinux_link_unnamed(descriptor, $0) }, path)
        }
        try Self.syncFolder(of: path)
    }

    private static func succeed(_ status: Int32, _ path: FilePath) throws {
        guard status != 0 else { return }
        if errno == EEXIST { throw existing(path.description) }
        throw ImagingError.system(errno: errno, "The output could not be given its final name")
    }

    private static func existing(_ shown: String) -> Failure {
        .usage("\(shown) exists; --force replaces it.")
    }

    /// The file that gets the result: the path, or for a symbolic link, the file to which it leads. The link stays.
    ///
    /// - Throws: a usage error if something is there that must not be replaced. A device or pipe is never replaced, and
    ///   also not a link to one, such as /dev/stdout.
    private static func destination(_ path: FilePath, shown: String, replaces: Bool) throws -> FilePath {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return path }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        guard !isLink || path.withPlatformString({ stat($0, &status) }) == 0 else {
            throw Failure.usage("\(shown) is a symbolic link to a file that does not exist.")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR:
            let folder = shown.hasSuffix("/") ? shown : shown + "/"
            throw Failure.usage("\(shown) is a folder; name a file in it: \(folder)NAME.")
        default: throw Failure.usage("\(shown) is not a regular file; - is standard output.")
        }
        guard replaces else { throw existing(shown) }
        guard isLink else { return path }
        guard let resolved = path.withPlatformString({ realpath($0, nil) }) else {
            throw ImagingError.system(errno: errno, "The symbolic link \(shown) could not be followed")
        }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    private static func syncFolder(of path: FilePath) throws {
        let folder = path.parentFolder.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { return }
        defer { close(folder) }
        guard fsync(folder) == 0 || errno == EINVAL else {
            throw ImagingError.system(errno: errno, "The output's folder could not be written to disk")
        }
    }

    private static var standardOutputCanSeek: Bool {
        let flags = fcntl(STDOUT_FILENO, F_GETFL)
        return lseek(STDOUT_FILENO, 0, SEEK_CUR) >= 0 && flags & O_ACCMODE == O_RDWR && flags & O_APPEND == 0
    }

    private static func systemText() -> String { String(cString: strerror(errno)) }
}
