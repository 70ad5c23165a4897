import Foundation

/// The settings that, together with the image and the model, determine the bytes of an output. They are part of a job's
/// identity.
package struct OutputSettings: Sendable, Codable, Equatable {
    /// The format of the output, a raw value of `InboxConfiguration.Format`.
    package var format: String
    /// Quality of JPEG and WebP outputs, 1 to 100.
    package var quality: Int
    /// Compression level of PNG outputs, 0 to 9; nil leaves the choice to the worker.
    package var compression: Int?
    /// True if EXIF, XMP and IPTC are kept in the output.
    package var keepMetadata: Bool
    /// True if a kept EXIF block may contain the place where the image was taken.
    package var keepGPS: Bool
    /// The side of a tile in input pixels; nil lets the worker choose.
    package var tile: Int?
    /// The overlap of tiles in input pixels; nil stands for the overlap with which an image upscaled in tiles equals
    /// the image upscaled as a whole, and `Configuration.Upscale.modelsOverlap` for the overlap that suits the model.
    package var overlap: Int?

    /// Creates the settings of an inbox's outputs.
    package init(inbox: InboxConfiguration, upscale: Configuration.Upscale) {
        format = inbox.format.rawValue
        quality = inbox.quality
        compression = inbox.compression
        keepMetadata = inbox.keepMetadata
        keepGPS = inbox.keepGPS
        tile = upscale.tile
        overlap = upscale.overlap
    }

    /// Decodes the text that `canonical` wrote; nil for any other text.
    package init?(canonical: String) {
        guard let settings = try? JSONDecoder().decode(OutputSettings.self, from: Data(canonical.utf8)) else {
            return nil
        }
        self = settings
    }

    /// JSON with sorted keys, so that equal settings give equal text.
    package var canonical: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Encoding numbers, booleans and one word cannot fail.
        return String(decoding: try! encoder.encode(self), as: UTF8.self)
    }

    /// The worker's command-line options for these settings.
    package var arguments: [String] {
        var arguments = ["--format", format, "--quality", String(quality)]
        if let compression { arguments += ["--compression", String(compression)] }
        if !keepMetadata { arguments.append("--strip") }
        if keepMetadata && keepGPS { arguments.append("--keep-gps") }
        if let tile { arguments += ["--tile", String(tile)] }
        if overlap == Configuration.Upscale.modelsOverlap { return arguments }
        return arguments + ["--overlap", overlap.map(String.init) ?? "exact"]
    }
}
