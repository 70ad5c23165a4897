import CLinux
import Glibc
import Imaging
import SystemPackage

/// The input image's file, open for reading and seekable.
final class InputFile {
    let descriptor: Int32
    private let isOwned: Bool

    /// Opens a path; "-" is standard input. Pipes and sockets are copied to an unnamed file first.
    ///
    /// - Parameters:
    ///   - argument: the command line argument.
    ///   - limits: the size limits; `maximumFileSize` also limits the number of bytes read from a pipe or socket.
    init(argument: String, limits: ImageLimits) throws {
        var descriptor = STDIN_FILENO
        if argument == "-" {
            guard isatty(STDIN_FILENO) == 0 else { throw Failure.usage("Standard input is a terminal, not an image.") }
        } else {
            descriptor = ArgumentBytes.path(of: argument).withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
            guard descriptor >= 0 else {
                throw ImagingError.system(errno: errno, "The input could not be opened")
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ImagingError.system(errno: errno, "The input could not be examined")
        }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFIFO || kind == S_IFSOCK else {
            // `ImageReader` refuses folders, devices and all other files that are not regular.
            self.descriptor = descriptor
            isOwned = argument != "-"
            return
        }
        defer { if argument != "-" { close(descriptor) } }
        self.descriptor = try Self.spool(descriptor, limits: limits)
        isOwned = true
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Whether the first bytes are those of a TIFF file.
    var isTIFF: Bool {
        var bytes = [UInt8](repeating: 0, count: FormatSniffer.byteCount)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return FormatSniffer.format(ofFirstBytes: Array(bytes.prefix(max(0, count)))) == .readable(.tiff)
    }

    /// Copies a pipe or socket to an unnamed file, which the kernel removes when the process ends.
    private static func spool(_ source: Int32, limits: ImageLimits) throws -> Int32 {
        let file = try TemporaryFile.unnamed()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ImagingError.system(errno: errno, "The input could not be read") }
            guard count > 0 else { return file }
            total += count
            guard total <= limits.maximumFileSize else {
                throw ImagingError(
                    .tooLarge,
                    "The input has more than the \(limits.maximumFileSize) bytes that are allowed (\(limits.names.fileSize))."
                )
            }
            try TemporaryFile.write(buffer[..<count], to: file)
        }
    }
}
