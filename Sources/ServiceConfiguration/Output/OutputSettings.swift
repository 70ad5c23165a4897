import Foundation

/// The settings that determine the bytes of an output, together with the image and the model. They are part of a job's
/// identity.
package struct OutputSettings: Sendable, Codable, Equatable {
    package var format: String
    package var quality: Int
    package var compression: Int?
    package var keepMetadata: Bool
    package var keepGPS: Bool
    /// The side of a tile; nil lets the worker choose.
    package var tile: Int?
    /// The overlap of tiles; nil: enough to make tiled output exact.
    package var overlap: Int?

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
        if keepMetadata { arguments.append("--keep-metadata") }
        if keepMetadata && keepGPS { arguments.append("--keep-gps") }
        if let tile { arguments += ["--tile", String(tile)] }
        return arguments + ["--overlap", overlap.map(String.init) ?? "exact"]
    }
}
