import Imaging

extension ImageLimits.Names {
    /// The options of this program.
    static let options = ImageLimits.Names(
        fileSize: "--max-file-size", pixels: "--max-pixels", side: "--max-side", pages: "--max-pages",
        formats: "--allow-tiff, --allow-gif")

    /// The daemon's configuration keys, for workers.
    static let configurationKeys = ImageLimits.Names(
        fileSize: "limits.max_file_size_mb", pixels: "limits.max_megapixels", side: "limits.max_side",
        pages: "limits.max_pages", formats: "limits.formats")
}
