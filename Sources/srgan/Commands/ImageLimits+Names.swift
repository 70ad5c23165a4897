import Imaging

extension ImageLimits.Names {
    /// The names of this program's options.
    static let options = ImageLimits.Names(
        fileSize: "--max-file-size", pixels: "--max-pixels", side: "--max-side", pages: "--max-pages",
        formats: "--allow-tiff, --allow-gif")

    /// The names of the daemon's configuration keys, for error messages of a worker.
    static let configurationKeys = ImageLimits.Names(
        fileSize: "limits.max_file_size_mb", pixels: "limits.max_megapixels", side: "limits.max_side",
        pages: "limits.max_pages", formats: "limits.formats")
}
