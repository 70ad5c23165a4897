import Foundation
import SystemPackage

/// Decides whether a file of an inbox becomes a job: if its name or its content is that of an image. Other files stay
/// where they are.
///
/// The worker examines the content fully, and gives the reason if it cannot read a file with an image's name.
package enum ImageRecognition {
    /// The extensions of images, lower-case, also of formats that the worker refuses with a reason.
    static let extensions: Set<String> = [
        "jpg", "jpeg", "jpe", "jfif", "jif", "png", "apng", "webp", "tif", "tiff", "gif", "bmp", "dib", "ico", "tga",
        "heic", "heif", "hif", "avif", "jxl", "jp2", "j2k", "jpf", "jpx", "psd", "exr", "hdr", "qoi", "ppm", "pgm",
        "pbm", "pnm", "pam", "svg", "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "raf", "orf", "rw2",
        "pef", "srw", "x3f", "3fr", "iiq", "raw",
    ]

    /// The first bytes of the formats that the worker can read.
    private static let signatures: [[UInt8]] = [
        [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("GIF87a".utf8),
        Array("GIF89a".utf8), Array("II*\0".utf8), Array("MM\0*".utf8), Array("II+\0".utf8), Array("MM\0+".utf8),
    ]

    /// True if the name or the first bytes of a file are those of an image.
    ///
    /// - descriptor: open for reading; its offset does not change.
    package static func isImage(_ path: FilePath, _ descriptor: FileDescriptor) -> Bool {
        hasImageName(path) || hasImageContent(descriptor)
    }

    /// True if the file's extension is that of an image.
    package static func hasImageName(_ path: FilePath) -> Bool {
        path.extension.map { extensions.contains($0.lowercased()) } ?? false
    }

    private static func hasImageContent(_ descriptor: FileDescriptor) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 12)
        guard let count = try? bytes.withUnsafeMutableBytes({ try descriptor.read(fromAbsoluteOffset: 0, into: $0) })
        else { return false }
        let first = bytes[..<count]
        let isWebP = first.starts(with: "RIFF".utf8) && first.dropFirst(8).elementsEqual("WEBP".utf8)
        return isWebP || signatures.contains { first.starts(with: $0) }
    }
}
