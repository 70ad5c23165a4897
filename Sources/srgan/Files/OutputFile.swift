import CLinux
import Glibc
import Imaging
import LinuxSupport
import SystemPackage

/// Where a result goes: standard output, or a file that gets its name only when it is whole and on disk.
///
/// The file is made without a name (O_TMPFILE), so that even SIGKILL leaves nothing behind. Where the file system does not
/// know such files it is a dotfile beside the output, removed on failure and on the usual signals.
final class OutputFile {
    /// Open for reading and writing, or standard output.
    let descriptor: Int32
    private let path: FilePath?
    private let replaces: Bool
    /// The dotfile's name while it has one.
    private var temporaryPath: FilePath?
    /// Whether standard output gets a copy at the end, because the encoder must seek.
    private let copiesToStandardOutput: Bool

    /// Whether no file's name is involved.
    var isStandardOutput: Bool { path == nil }

    /// Prepares the output; "-" is standard output.
    init(argument: String, replaces: Bool, mustSeek: Bool) throws {
        self.replaces = replaces
        guard argument != "-" else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw Failure.usage("Standard output is a terminal; name a file, or send it somewhere with '>'.")
            }
            path = nil
            copiesToStandardOutput = mustSeek && !Self.standardOutputCanSeek
            descriptor = copiesToStandardOutput ? try TemporaryFile.unnamed() : STDOUT_FILENO
            return
        }
        let path = ArgumentBytes.path(of: argument)
        self.path = path
        copiesToStandardOutput = false
        try Self.check(path, shown: ArgumentBytes.shown(argument), replaces: replaces)
        let folder = path.parentFolder
        let unnamed = folder.withPlatformString { clinux_open_unnamed($0, 0o666) }
        if unnamed >= 0 {
            descriptor = unnamed
            return
        }
        let beside = folder.appending(".srgan-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part")
        descriptor = beside.withPlatformString { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else {
            throw Failure(
                reason: "io_error", message: "\(ArgumentBytes.shown(argument)) cannot be made: \(Self.systemText()).",
                exitCode: 75)
        }
        temporaryPath = beside
        InterruptCleanup.removeOnSignal(beside)
    }

    deinit {
        if let temporaryPath {
            _ = temporaryPath.withPlatformString { unlink($0) }
            InterruptCleanup.forget()
        }
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    /// Makes the result durable and gives it its name.
    func publish() throws {
        guard let path else {
            if copiesToStandardOutput { try TemporaryFile.copy(descriptor, to: STDOUT_FILENO) }
            return
        }
        guard fsync(descriptor) == 0 else {
            throw ImagingError.system(errno: errno, "The output could not be written to disk")
        }
        if temporaryPath == nil && replaces {
            // A file without a name cannot replace another; it gets one in passing.
            let beside = path.removingLastComponent().appending(
                ".srgan-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part")
            try Self.succeed(beside.withPlatformString { clinux_link_unnamed(descriptor, $0) }, path)
            temporaryPath = beside
        }
        if let temporary = temporaryPath {
            let status = temporary.withPlatformString { from in
                path.withPlatformString { to in replaces ? rename(from, to) : clinux_rename_noreplace(from, to) }
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
        throw ImagingError.system(errno: errno, "The output could not be given its name")
    }

    private static func existing(_ shown: String) -> Failure {
        .usage("\(shown) exists; --force replaces it.")
    }

    private static func check(_ path: FilePath, shown: String, replaces: Bool) throws {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return }
        guard replaces else { throw existing(shown) }
        guard status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFLNK else {
            throw Failure.usage("\(shown) is not a regular file.")
        }
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
