import Foundation
import Testing

@testable import Imaging

/// Writes files as results are written, with the pixels of the input.
enum Upscaled {
    /// Writes the image in a file in another format, keeping its metadata; returns the notes.
    @discardableResult
    static func copy(
        _ source: String, to path: String, format: ImageFormat,
        policy: ImageMetadata.Policy = .init(keepsMetadata: true)
    ) throws -> [String] {
        let options = DecodeOptions(
            allowedFormats: Set(ImageFormat.allCases), flattensAlpha: !format.supportsAlpha)
        return try withReader(source, options) { reader in
            let layout = reader.layout.representable(in: format)
            let writer = try ImageWriter(
                format: format, width: reader.width, height: reader.height, layout: layout,
                metadata: reader.metadata.filtered(by: policy))
            var rows = try allRows(reader)
            // Only the first bytes matter here, not the colours: 16-bit samples become 8-bit samples.
            if layout.bits < reader.layout.bits { rows = stride(from: 1, to: rows.count, by: 2).map { rows[$0] } }
            let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            try writer.write(
                to: descriptor,
                rows: LibvipsTests.WriterTests.MemoryRows(rows, rowBytes: reader.width * layout.bytesPerPixel))
            return reader.notes + writer.notes
        }
    }
}
